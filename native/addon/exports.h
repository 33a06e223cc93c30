#pragma once

#include <napi.h>

#include <exception>
#include <new>

#include "error.h"

namespace runts::addon {

using Call = Napi::Value (*)(const Napi::CallbackInfo&);

/** No C++ exception may cross into the engine, which is C code at the border. */
template <Call call>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    return call(info);
  } catch (const SystemError& error) {
    throw to_javascript(info.Env(), error);
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw out_of_memory(info.Env());
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

template <Call call>
void add(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<call>>(exports.Env(), name));
}

// One per file; each adds its part of the interface `Addon` in src/native/addon.ts.
void add_spawn(Napi::Object exports);
void add_events(Napi::Object exports);
void add_process(Napi::Object exports);
void add_run_process(Napi::Object exports);
void add_files(Napi::Object exports);
void add_paths(Napi::Object exports);
void add_trees(Napi::Object exports);
void add_descriptors(Napi::Object exports);
void add_lock(Napi::Object exports);
void add_host(Napi::Object exports);
void add_sockets(Napi::Object exports);
void add_datagrams(Napi::Object exports);
void add_packets(Napi::Object exports);
void add_foreground(Napi::Object exports);
void add_streams(Napi::Object exports);
void add_terminal(Napi::Object exports);
void add_bpf(Napi::Object exports);
void add_watch(Napi::Object exports);
void add_net_device(Napi::Object exports);
void add_user_namespace(Napi::Object exports);
void add_recorder(Napi::Object exports);

}  // namespace runts::addon
