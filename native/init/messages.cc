#include "messages.h"

#include <linux/socket.h>

namespace runts {

namespace {

// The kernel's headers for user space lack these.
struct Vector {
  void* base;
  u64 size;
};

struct MessageHeader {
  void* name;
  u32 name_size;
  Vector* vectors;
  u64 vector_count;
  void* control;
  u64 control_size;
  u32 flags;
};

struct ControlHeader {
  u64 size;
  i32 level;
  i32 type;
};

constexpr int SOL_SOCKET = 1;
constexpr int SCM_RIGHTS = 1;
constexpr int MSG_CTRUNC = 0x8;
constexpr int MSG_TRUNC = 0x20;
constexpr int MSG_NOSIGNAL = 0x4000;
constexpr int MSG_CMSG_CLOEXEC = 0x40000000;

struct Answer {
  AnswerHeader header;
  u32 slots[MOST_RIGHTS];
};

struct Received {
  ControlHeader header;
  i32 fds[MOST_RIGHTS + 1];
};

/** Number of descriptors in a received control message. */
u64 descriptor_count(const MessageHeader& message, const Received& control) {
  if (message.control_size < sizeof(ControlHeader)) return 0;
  if (control.header.level != SOL_SOCKET || control.header.type != SCM_RIGHTS) return 0;
  return (control.header.size - sizeof(ControlHeader)) / sizeof(i32);
}

/** An event as it travels: `size` counts the bytes of the text and stays here. */
struct Message {
  EventHeader header;
  char text[EVENT_TEXT_SIZE];
  u64 size;
};

/** Waits until the intermediate is gone: the runtime hears `cloned`, and so init's pid, before anything from init. */
Result pass_gate(Context& context) {
  if (context.gate < 0) return ok();
  char nothing;
  long got;
  do {
    got = sys::read(context.gate, &nothing, 1);
  } while (got == -EINTR);
  sys::close(context.gate);
  context.gate = -1;
  TRY_SYS(got, "read", "gate");
  return ok();
}

/**
 * One write(2), because a seccomp filter that is loaded already may know nothing else: what runs the program can hardly
 * forbid it.
 */
Result write_message(int fd, const Message& message) {
  long sent;
  do {
    sent = sys::write(fd, &message, sizeof(EventHeader) + message.size);
  } while (sent == -EINTR);
  TRY_SYS(sent, "write");
  return ok();
}

Result send_with_descriptor(int socket, Message& event, int fd) {
  Vector vector = {&event, sizeof(EventHeader) + event.size};
  struct {
    ControlHeader header;
    i32 fd;
  } control = {{sizeof(ControlHeader) + sizeof(i32), SOL_SOCKET, SCM_RIGHTS}, fd};
  MessageHeader message = {nullptr, 0, &vector, 1, &control, sizeof(control), 0};
  long sent;
  do {
    sent = sys::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent == -EINTR);
  TRY_SYS(sent, "sendmsg");
  return ok();
}

}  // namespace

Result send_event(Context& context, u32 kind, i32 error, u64 value, Str text, int fd) {
  TRY(pass_gate(context));
  Message message;
  message.size = text.size < EVENT_TEXT_SIZE ? text.size : EVENT_TEXT_SIZE;
  message.header = {kind, context.step, error, static_cast<u32>(message.size), value};
  for (u64 i = 0; i < message.size; i++) message.text[i] = text.data[i];
  if (context.fifo >= 0) return write_message(context.fifo, message);
  return fd >= 0 ? send_with_descriptor(context.socket, message, fd) : write_message(context.socket, message);
}

void send_failure(Context& context, u32 kind, const Result& result) {
  Text<EVENT_TEXT_SIZE> text;
  text.add(result.syscall).add('\0').add(result.detail);
  (void)send_event(context, kind, result.error, 0, text.view()).ok();
}

void warn(Context& context, const Result& result) {
  send_failure(context, events::warning, result);
}

Result receive_answer(Context& context) {
  Answer answer;
  Received control;
  Vector vector = {&answer, sizeof(answer)};
  MessageHeader message = {nullptr, 0, &vector, 1, &control, sizeof(control), 0};
  long size;
  do {
    size = sys::recvmsg(context.socket, &message, MSG_CMSG_CLOEXEC);
  } while (size == -EINTR);
  // End of file: the runtime is gone. A status: it failed and knows why. Both need no words from us.
  if (size == 0 || size == -ECONNRESET) sys::exit(1);
  TRY_SYS(size, "recvmsg");
  if (static_cast<u64>(size) < sizeof(AnswerHeader)) return fail(EBADMSG, "recvmsg", "short answer");
  if (answer.header.status != 0) sys::exit(1);
  const u64 count = answer.header.count;
  if ((message.flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || count > MOST_RIGHTS ||
      static_cast<u64>(size) != sizeof(AnswerHeader) + count * sizeof(u32) ||
      descriptor_count(message, control) != count) {
    return fail(EBADMSG, "recvmsg", "answer and descriptors do not match");
  }
  for (u64 i = 0; i < count; i++) {
    if (answer.slots[i] == slots::none || answer.slots[i] >= SLOT_COUNT) return fail(EBADMSG, "recvmsg", "slot");
    context.set_slot(answer.slots[i], control.fds[i]);
  }
  return ok();
}

}  // namespace runts
