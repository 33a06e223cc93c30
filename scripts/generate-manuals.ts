/** Writes manual pages and completions from the command table. `--check` writes nothing and exits 1 when one is stale. */
import { writeGenerated } from './generated.ts';
import { bashCompletion } from './manuals/bash.ts';
import { fishCompletion } from './manuals/fish.ts';
import { manualPages } from './manuals/man.ts';
import { zshCompletion } from './manuals/zsh.ts';

writeGenerated('share/bash-completion/completions/runts', bashCompletion());
writeGenerated('share/fish/vendor_completions.d/runts.fish', fishCompletion());
writeGenerated('share/zsh/vendor-completions/_runts', zshCompletion());
for (const { path, text } of manualPages()) writeGenerated(`share/man/${path}`, text);
