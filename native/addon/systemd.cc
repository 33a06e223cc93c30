/** Calls of systemd's manager by sd-bus (sd-bus(3)), which is loaded when it is needed: most hosts of containers run
 * without. */
#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.h"
#include "deadline.h"
#include "exports.h"

namespace runts::addon {

namespace {

struct Bus;
struct Message;
struct Slot;

/** sd_bus_error as its header lays it out. */
struct BusError {
  const char* name;
  const char* message;
  int need_free;
};

using Handler = int (*)(Message*, void*, BusError*);

constexpr const char* DESTINATION = "org.freedesktop.systemd1";
constexpr const char* MANAGER_PATH = "/org/freedesktop/systemd1";
constexpr const char* MANAGER = "org.freedesktop.systemd1.Manager";

template <class Function>
Function find(void* library, const char* name) {
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) throw SystemError{ENOSYS, "dlsym", name, "libsystemd.so.0 lacks it"};
  return reinterpret_cast<Function>(symbol);
}

void* open_library() {
  void* library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw SystemError{ENOENT, "dlopen", "libsystemd.so.0", dlerror()};
  return library;
}

/** The functions of libsystemd that are used. */
struct Library {
  void* handle = open_library();

// NOLINTNEXTLINE(bugprone-macro-parentheses): a name and a type take none.
#define FUNCTION(name, type) std::add_pointer_t<type> name = find<std::add_pointer_t<type>>(handle, "sd_bus_" #name)
  FUNCTION(open_system, int(Bus**));
  FUNCTION(open_user, int(Bus**));
  FUNCTION(flush_close_unref, Bus*(Bus*));
  FUNCTION(process, int(Bus*, Message**));
  FUNCTION(wait, int(Bus*, uint64_t));
  FUNCTION(call, int(Bus*, Message*, uint64_t, BusError*, Message**));
  FUNCTION(match_signal, int(Bus*, Slot**, const char*, const char*, const char*, const char*, Handler, void*));
  FUNCTION(get_property_string, int(Bus*, const char*, const char*, const char*, const char*, BusError*, char**));
  FUNCTION(message_new_method_call, int(Bus*, Message**, const char*, const char*, const char*, const char*));
  FUNCTION(message_append_basic, int(Message*, char, const void*));
  FUNCTION(message_append_array, int(Message*, char, const void*, size_t));
  FUNCTION(message_open_container, int(Message*, char, const char*));
  FUNCTION(message_close_container, int(Message*));
  FUNCTION(message_read_basic, int(Message*, char, void*));
  FUNCTION(message_unref, Message*(Message*));
  FUNCTION(error_free, void(BusError*));
#undef FUNCTION
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

/** Throws for a negative result, which holds the errno. */
void must(int result, const char* call) {
  if (result < 0) throw SystemError{-result, call, "", ""};
}

/** An error that frees itself. */
class Failure {
 public:
  ~Failure() { library().error_free(&error_); }
  BusError* get() { return &error_; }

  /** Throws what the bus said, or else errno. */
  void check(int result, const char* call) {
    if (result >= 0) return;
    std::string words;
    if (error_.name != nullptr) words = error_.name;
    if (error_.message != nullptr) words += std::string(": ") + error_.message;
    throw SystemError{-result, "sd_bus_call", call, words};
  }

 private:
  BusError error_ = {};
};

struct CloseBus {
  void operator()(Bus* bus) { library().flush_close_unref(bus); }
};
struct DropMessage {
  void operator()(Message* message) { library().message_unref(message); }
};
using OwnedBus = std::unique_ptr<Bus, CloseBus>;
using OwnedMessage = std::unique_ptr<Message, DropMessage>;

OwnedBus connect(bool user) {
  Bus* bus = nullptr;
  if (user)
    must(library().open_user(&bus), "sd_bus_open_user");
  else
    must(library().open_system(&bus), "sd_bus_open_system");
  return OwnedBus(bus);
}

OwnedMessage new_call(Bus* bus, const char* method) {
  Message* message = nullptr;
  must(library().message_new_method_call(bus, &message, DESTINATION, MANAGER_PATH, MANAGER, method),
       "sd_bus_message_new_method_call");
  return OwnedMessage(message);
}

// --- values ------------------------------------------------------------------------------------------------

[[noreturn]] void refuse_signature(const std::string& signature) {
  throw SystemError{EINVAL, "sd_bus_message_append", signature, "signature"};
}

/** End of the complete type that starts at `from`. */
size_t type_end(const std::string& signature, size_t from) {
  if (from >= signature.size()) refuse_signature(signature);
  if (signature[from] == 'a') return type_end(signature, from + 1);
  if (signature[from] != '(') return from + 1;
  size_t at = from + 1;
  while (at < signature.size() && signature[at] != ')') at = type_end(signature, at);
  if (at >= signature.size()) refuse_signature(signature);
  return at + 1;
}

/** 64 bits of a number or bigint; narrower types take the low ones, which sd-bus reads through a pointer of their size.
 */
template <class T>
void append_number(Message* message, char type, const Napi::Value& value) {
  bool lossless = true;
  T number;
  if (!value.IsBigInt())
    number = static_cast<T>(arguments::int64(value));
  else if (type == 't')
    number = static_cast<T>(arguments::big_unsigned(value));
  else
    number = static_cast<T>(value.As<Napi::BigInt>().Int64Value(&lossless));
  if (!lossless) throw SystemError{ERANGE, "sd_bus_message_append_basic", "", ""};
  must(library().message_append_basic(message, type, &number), "sd_bus_message_append_basic");
}

void append_basic(Message* message, char type, const Napi::Value& value) {
  switch (type) {
    case 's':
    case 'o':
    case 'g': {
      std::string text = arguments::c_text(value);
      return must(library().message_append_basic(message, type, text.c_str()), "sd_bus_message_append_basic");
    }
    case 'b': {
      int flag = arguments::boolean(value) ? 1 : 0;
      return must(library().message_append_basic(message, type, &flag), "sd_bus_message_append_basic");
    }
    case 'd': {
      double number = value.As<Napi::Number>().DoubleValue();
      return must(library().message_append_basic(message, type, &number), "sd_bus_message_append_basic");
    }
    case 'y':
      return append_number<uint8_t>(message, type, value);
    case 'n':
      return append_number<int16_t>(message, type, value);
    case 'q':
      return append_number<uint16_t>(message, type, value);
    case 'i':
      return append_number<int32_t>(message, type, value);
    case 'u':
      return append_number<uint32_t>(message, type, value);
    case 'x':
      return append_number<int64_t>(message, type, value);
    case 't':
      return append_number<uint64_t>(message, type, value);
    default:
      refuse_signature(std::string(1, type));
  }
}

void append(Message* message, const std::string& type, const Napi::Value& value);

void append_inside(Message* message, char container, const std::string& contents, auto body) {
  must(library().message_open_container(message, container, contents.c_str()), "sd_bus_message_open_container");
  body();
  must(library().message_close_container(message), "sd_bus_message_close_container");
}

/** Members of a structure, or the arguments of a call: one value per complete type. */
void append_members(Message* message, const std::string& types, const Napi::Value& values) {
  if (!values.IsArray()) refuse_signature(types);
  auto array = values.As<Napi::Array>();
  uint32_t index = 0;
  for (size_t at = 0, end; at < types.size(); at = end) {
    end = type_end(types, at);
    append(message, types.substr(at, end - at), array.Get(index++));
  }
}

void append_array(Message* message, const std::string& element, const Napi::Value& value) {
  if (element == "y") {
    std::string bytes = arguments::bytes(value);
    must(library().message_append_array(message, 'y', bytes.data(), bytes.size()), "sd_bus_message_append_array");
    return;
  }
  if (!value.IsArray()) refuse_signature("a" + element);
  auto array = value.As<Napi::Array>();
  append_inside(message, 'a', element, [&] {
    for (uint32_t index = 0; index < array.Length(); index++) append(message, element, array.Get(index));
  });
}

/** A variant is the pair of its type and its value. */
void append_variant(Message* message, const Napi::Value& value) {
  if (!value.IsArray()) refuse_signature("v");
  auto pair = value.As<Napi::Array>();
  std::string type = arguments::c_text(pair.Get(0u));
  if (type_end(type, 0) != type.size()) refuse_signature(type);
  append_inside(message, 'v', type, [&] { append(message, type, pair.Get(1u)); });
}

void append(Message* message, const std::string& type, const Napi::Value& value) {
  if (type[0] == 'a') return append_array(message, type.substr(1), value);
  if (type[0] == 'v') return append_variant(message, value);
  if (type[0] != '(') return append_basic(message, type[0], value);
  std::string members = type.substr(1, type.size() - 2);
  append_inside(message, 'r', members, [&] { append_members(message, members, value); });
}

// --- jobs --------------------------------------------------------------------------------------------------

/** Jobs that have ended since the bus was opened, by path. */
using EndedJobs = std::vector<std::pair<std::string, std::string>>;

int note_job(Message* message, void* jobs, BusError*) {
  uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  if (library().message_read_basic(message, 'u', &id) > 0 && library().message_read_basic(message, 'o', &path) > 0 &&
      library().message_read_basic(message, 's', &unit) > 0 && library().message_read_basic(message, 's', &result) > 0)
    static_cast<EndedJobs*>(jobs)->emplace_back(path, result);
  return 0;
}

OwnedMessage send(Bus* bus, Message* message, const char* method, int64_t timeout_ms) {
  Failure failure;
  Message* reply = nullptr;
  failure.check(library().call(bus, message, static_cast<uint64_t>(timeout_ms) * 1000, failure.get(), &reply), method);
  return OwnedMessage(reply);
}

/** Signals of the manager are sent only to those who have asked for them. */
void subscribe(Bus* bus, EndedJobs& jobs, int64_t timeout_ms) {
  must(library().match_signal(bus, nullptr, DESTINATION, MANAGER_PATH, MANAGER, "JobRemoved", note_job, &jobs),
       "sd_bus_match_signal");
  OwnedMessage message = new_call(bus, "Subscribe");
  send(bus, message.get(), "Subscribe", timeout_ms);
}

std::string wait_for_job(Bus* bus, const std::string& path, const EndedJobs& jobs, Deadline deadline) {
  for (;;) {
    for (const auto& [ended, result] : jobs)
      if (ended == path) return result;
    int processed = library().process(bus, nullptr);
    must(processed, "sd_bus_process");
    if (processed > 0) continue;
    if (deadline.passed()) throw SystemError{ETIMEDOUT, "sd_bus_wait", path, ""};
    int waited = library().wait(bus, static_cast<uint64_t>(deadline.poll_timeout()) * 1000);
    if (waited < 0 && waited != -EINTR) must(waited, "sd_bus_wait");
  }
}

Napi::Value systemd_call(const Napi::CallbackInfo& info) {
  auto request = info[0].As<Napi::Object>();
  std::string method = arguments::c_text(request.Get("method"));
  std::string signature = arguments::c_text(request.Get("signature"));
  int64_t timeout = arguments::int64(request.Get("timeoutMs"));
  bool is_job = arguments::boolean(request.Get("job"));
  EndedJobs jobs;
  OwnedBus bus = connect(arguments::boolean(request.Get("user")));
  if (is_job) subscribe(bus.get(), jobs, timeout);
  OwnedMessage message = new_call(bus.get(), method.c_str());
  append_members(message.get(), signature, request.Get("arguments"));
  OwnedMessage reply = send(bus.get(), message.get(), method.c_str(), timeout);
  if (!is_job) return info.Env().Undefined();
  const char* path = nullptr;
  must(library().message_read_basic(reply.get(), 'o', &path), "sd_bus_message_read_basic");
  return Napi::String::New(info.Env(), wait_for_job(bus.get(), path, jobs, Deadline(timeout)));
}

Napi::Value systemd_property(const Napi::CallbackInfo& info) {
  std::string name = arguments::c_text(info[1]);
  OwnedBus bus = connect(arguments::boolean(info[0]));
  Failure failure;
  char* text = nullptr;
  failure.check(
      library().get_property_string(bus.get(), DESTINATION, MANAGER_PATH, MANAGER, name.c_str(), failure.get(), &text),
      name.c_str());
  std::unique_ptr<char, decltype(&std::free)> owned(text, std::free);
  return Napi::String::New(info.Env(), text);
}

}  // namespace

void add_systemd(Napi::Object exports) {
  add<systemd_call>(exports, "systemdCall");
  add<systemd_property>(exports, "systemdProperty");
}

}  // namespace runts::addon
