// How a plan is run, and what is said meanwhile:
//
//   runtime                     intermediate                          init (pid 1)
//      │ clone, execve             │
//      ├──────────────────────────▶│ records of stage `intermediate`
//      │◀── sync idMappings ───────┤ (ns.unshare made the user namespace)
//      ├─── answer ───────────────▶│
//      │◀── sync cgroup ───────────┤
//      ├─── answer + descriptors ─▶│ cgroup.join
//      │                           │ ns.clone ───────────────────────▶│ records of stage `init`
//      │◀── cloned(pid) ───────────┤ ends
//      │◀── sync runtimeHooks ────────────────────────────────────────┤
//      ├─── answer ──────────────────────────────────────────────────▶│
//      │◀── descriptor(console) ──────────────────────────────────────┤
//      │◀── ready ────────────────────────────────────────────────────┤
//    ends                                                             │ fifo.wait: blocks in open(2)
//   `start` opens the fifo ──────────────────────────────────────────▶│ writes "0"
//      │◀── end of file (or a `failed` message in the fifo) ──────────┤ exec
//
// Which of these happen, and in which order, is the plan's business. A step that fails ends the process: `failed` goes
// to the socket, or into the fifo once that is open. A runtime that dies closes the socket; init then ends at the next
// sync point, silently. `cloned` always is heard before anything that init says.
//
// A message is one packet, an answer another (core/messages.gen.h); descriptors come with either by SCM_RIGHTS.

#include "stages.h"

#include "dispatch.gen.h"
#include "messages.h"
#include "trace.h"

namespace runts {

namespace {

/** Runs the records of context.stage in order, up to a record that changes the stage (ns.clone). */
Result run_stage(Context& context, Reader plan) {
  const u32 stage = context.stage;
  Record record;
  while (!plan.finished() && context.stage == stage) {
    if (!read_record(plan, record)) return fail(EBADMSG, "decode", "record");
    if (record.stage != stage) continue;
    context.step = record.step;
    const u64 start = context.traced ? trace_clock() : 0;
    TRY(dispatch(context, record.op, record.payload));
    // Not the record that turned it on, which has no beginning.
    if (start != 0) trace_step(context, start);
  }
  return ok();
}

}  // namespace

void run_stages(Context& context, const Reader& plan) {
  Result result = run_stage(context, plan);
  if (result.ok()) {
    context.stage = stages::init;
    result = run_stage(context, plan);
  }
  if (!result.ok()) fail_and_exit(context, result);
  sys::exit(0);
}

void fail_and_exit(Context& context, const Result& result) {
  send_failure(context, events::failed, result);
  if (context.seeks_program) describe_program(context);
  sys::exit(1);
}

Result run(Context& context, const ops::Sync& op) {
  TRY(send_event(context, events::sync, 0, op.point, {}));
  return receive_answer(context);
}

Result run(Context& context, const ops::ReportReady&) {
  return send_event(context, events::ready, 0, 0, {});
}

}  // namespace runts
