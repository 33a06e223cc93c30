#pragma once

#include "context.h"

namespace runts {

/** Sends `failed` or `warning` with text = syscall name, NUL, detail. Nobody is left to hear of an error here. */
void send_failure(Context& context, u32 kind, const Result& result);

/** Sends `program`: what the program that exec.find or exec failed with looks like. */
void describe_program(Context& context);

/**
 * Waits for the answer to a sync point and puts the descriptors that come with it into their slots. Ends the process
 * when the runtime is gone or says so.
 */
Result receive_answer(Context& context);

}  // namespace runts
