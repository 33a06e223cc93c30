// The warnings that C++ is compiled with: prints flags, for binding.gyp, and whoever else compiles. They are errors where the project itself is
// tested (CI, RUNTS_WERROR=1), not at a user's, whose compiler may have new ones.
export const warnings = ({ CI = '', RUNTS_WERROR = '' } = process.env) => {
  const strict = [CI, RUNTS_WERROR].some((value) => !['', '0', 'false'].includes(value));
  return ['-Wall', '-Wextra', ...(strict ? ['-Werror'] : [])];
};

if (process.argv[1] === import.meta.filename) console.log(warnings().join(' '));
