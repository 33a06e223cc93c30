#include "error.h"

#include <string.h>

#include <cctype>

namespace runts::addon {

namespace {

struct Name {
  int error;
  const char* text;
};

#define NAME(error) \
  { error, #error }

// strerrorname_np() would tie the addon to glibc 2.32 and exclude musl. Aliases (EWOULDBLOCK, EDEADLOCK) have the usual
// name.
constexpr Name NAMES[] = {
    NAME(E2BIG),
    NAME(EACCES),
    NAME(EADDRINUSE),
    NAME(EADDRNOTAVAIL),
    NAME(EADV),
    NAME(EAFNOSUPPORT),
    NAME(EAGAIN),
    NAME(EALREADY),
    NAME(EBADE),
    NAME(EBADF),
    NAME(EBADFD),
    NAME(EBADMSG),
    NAME(EBADR),
    NAME(EBADRQC),
    NAME(EBADSLT),
    NAME(EBFONT),
    NAME(EBUSY),
    NAME(ECANCELED),
    NAME(ECHILD),
    NAME(ECHRNG),
    NAME(ECOMM),
    NAME(ECONNABORTED),
    NAME(ECONNREFUSED),
    NAME(ECONNRESET),
    NAME(EDEADLK),
    NAME(EDESTADDRREQ),
    NAME(EDOM),
    NAME(EDOTDOT),
    NAME(EDQUOT),
    NAME(EEXIST),
    NAME(EFAULT),
    NAME(EFBIG),
    NAME(EHOSTDOWN),
    NAME(EHOSTUNREACH),
    NAME(EHWPOISON),
    NAME(EIDRM),
    NAME(EILSEQ),
    NAME(EINPROGRESS),
    NAME(EINTR),
    NAME(EINVAL),
    NAME(EIO),
    NAME(EISCONN),
    NAME(EISDIR),
    NAME(EISNAM),
    NAME(EKEYEXPIRED),
    NAME(EKEYREJECTED),
    NAME(EKEYREVOKED),
    NAME(EL2HLT),
    NAME(EL2NSYNC),
    NAME(EL3HLT),
    NAME(EL3RST),
    NAME(ELIBACC),
    NAME(ELIBBAD),
    NAME(ELIBEXEC),
    NAME(ELIBMAX),
    NAME(ELIBSCN),
    NAME(ELNRNG),
    NAME(ELOOP),
    NAME(EMEDIUMTYPE),
    NAME(EMFILE),
    NAME(EMLINK),
    NAME(EMSGSIZE),
    NAME(EMULTIHOP),
    NAME(ENAMETOOLONG),
    NAME(ENAVAIL),
    NAME(ENETDOWN),
    NAME(ENETRESET),
    NAME(ENETUNREACH),
    NAME(ENFILE),
    NAME(ENOANO),
    NAME(ENOBUFS),
    NAME(ENOCSI),
    NAME(ENODATA),
    NAME(ENODEV),
    NAME(ENOENT),
    NAME(ENOEXEC),
    NAME(ENOKEY),
    NAME(ENOLCK),
    NAME(ENOLINK),
    NAME(ENOMEDIUM),
    NAME(ENOMEM),
    NAME(ENOMSG),
    NAME(ENONET),
    NAME(ENOPKG),
    NAME(ENOPROTOOPT),
    NAME(ENOSPC),
    NAME(ENOSR),
    NAME(ENOSTR),
    NAME(ENOSYS),
    NAME(ENOTBLK),
    NAME(ENOTCONN),
    NAME(ENOTDIR),
    NAME(ENOTEMPTY),
    NAME(ENOTNAM),
    NAME(ENOTRECOVERABLE),
    NAME(ENOTSOCK),
    NAME(ENOTTY),
    NAME(ENOTUNIQ),
    NAME(ENXIO),
    NAME(EOPNOTSUPP),
    NAME(EOVERFLOW),
    NAME(EOWNERDEAD),
    NAME(EPERM),
    NAME(EPFNOSUPPORT),
    NAME(EPIPE),
    NAME(EPROTO),
    NAME(EPROTONOSUPPORT),
    NAME(EPROTOTYPE),
    NAME(ERANGE),
    NAME(EREMCHG),
    NAME(EREMOTE),
    NAME(EREMOTEIO),
    NAME(ERESTART),
    NAME(ERFKILL),
    NAME(EROFS),
    NAME(ESHUTDOWN),
    NAME(ESOCKTNOSUPPORT),
    NAME(ESPIPE),
    NAME(ESRCH),
    NAME(ESRMNT),
    NAME(ESTALE),
    NAME(ESTRPIPE),
    NAME(ETIME),
    NAME(ETIMEDOUT),
    NAME(ETOOMANYREFS),
    NAME(ETXTBSY),
    NAME(EUCLEAN),
    NAME(EUNATCH),
    NAME(EUSERS),
    NAME(EXDEV),
    NAME(EXFULL),
};

#undef NAME

/** The C library's words, beginning in lower case so that they can stand inside a sentence. */
std::string words(int error) {
  char buffer[128];
  // The GNU variant returns the text, which need not be in the buffer.
  std::string text = strerror_r(error, buffer, sizeof buffer);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

void fail(const char* syscall, const char* path) {
  throw SystemError{errno, syscall, path ? path : "", ""};
}

std::string errno_name(int error) {
  for (const Name& name : NAMES) {
    if (name.error == error) return name.text;
  }
  return std::string("E").append(std::to_string(error));
}

Napi::Error to_javascript(Napi::Env env, const SystemError& error) {
  std::string code = errno_name(error.error);
  std::string message = code + ": " + words(error.error) + ", " + error.syscall;
  if (!error.path.empty()) message += " '" + error.path + "'";
  if (!error.detail.empty()) message += ": " + error.detail;
  Napi::Error result = Napi::Error::New(env, message);
  result.Set("code", code);
  result.Set("errno", static_cast<double>(error.error));
  result.Set("syscall", error.syscall);
  if (!error.path.empty()) result.Set("path", error.path);
  return result;
}

}  // namespace runts::addon
