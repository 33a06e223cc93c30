/** The talk with a hook: what it gets, what it says, and that nothing it does outlasts its time. */
#include "../core/exchange.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>
#include <string>

using runts::deadline_after;
using runts::Exchange;
using runts::Fd;
using runts::Str;

namespace {

void expect(bool truth, const char* what) {
  if (truth) return;
  fprintf(stderr, "exchange: %s\n", what);
  exit(1);
}

/** A program of /bin/sh with pipes at its streams, and what it has said. */
struct Program {
  pid_t pid = -1;
  Fd pidfd;
  Exchange exchange;
  std::string said;

  explicit Program(const char* script) {
    int input[2];
    int output[2];
    expect(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0, "pipe2");
    pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      dup2(input[0], 0);
      dup2(output[1], 1);
      execl("/bin/sh", "sh", "-c", script, nullptr);
      _exit(127);
    }
    setpgid(pid, pid);
    close(input[0]);
    close(output[1]);
    for (int fd : {input[1], output[0]}) fcntl(fd, F_SETFL, O_NONBLOCK);
    pidfd.reset(syscall(SYS_pidfd_open, pid, 0));
    exchange.pidfd = pidfd.get();
    exchange.input.reset(input[1]);
    exchange.output.reset(output[0]);
    exchange.take = [](void* to, Str piece) { static_cast<std::string*>(to)->append(piece.data, piece.size); };
    exchange.to = &said;
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
};

void passes_everything() {
  Program program("cat; echo end");
  const std::string large(1'000'003, 'x');
  program.exchange.text[0] = runts::str("head ");
  program.exchange.text[1] = {large.data(), large.size()};
  program.exchange.text[2] = runts::str(" tail ");
  expect(program.exchange.attend() == Exchange::ENDED, "a program that ends has ended");
  expect(program.said == "head " + large + " tail end\n", "it gets all parts, and all it says arrives");
}

void reads_nothing() {
  Program program("exec <&-; echo deaf");
  const std::string large(1'000'000, 'x');
  program.exchange.text[0] = {large.data(), large.size()};
  expect(program.exchange.attend() == Exchange::ENDED, "a program that reads nothing ends all the same");
  expect(program.said == "deaf\n", "and is heard");
}

void leaves_a_process_behind() {
  Program program("sleep 1000 & echo gone");
  expect(program.exchange.attend() == Exchange::ENDED, "only the program itself is waited for");
  expect(program.said == "gone\n", "whoever keeps its pipe open");
}

/** Bytes without end, whoever reads: each look at them finds more. */
void talk_without_pause(Program& program) {
  program.exchange.output.reset(open("/dev/zero", O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  program.exchange.take = [](void*, Str) {};
}

void outlasts_nothing() {
  Program silent("exec sleep 1000");
  silent.exchange.deadline = deadline_after(20);
  expect(silent.exchange.attend() == Exchange::TIMED_OUT, "the time of a silent program ends");
  Program loud("exec sleep 1000");
  talk_without_pause(loud);
  loud.exchange.deadline = deadline_after(20);
  expect(loud.exchange.attend() == Exchange::TIMED_OUT, "so does that of one that writes without pause");
  Program ended("exit 0");
  talk_without_pause(ended);
  expect(ended.exchange.attend() == Exchange::ENDED, "what was left behind may write on");
}

void nobody_waits() {
  int ends[2];
  expect(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  Program program("exec sleep 1000");
  talk_without_pause(program);
  program.exchange.waiting = ends[0];
  close(ends[1]);
  expect(program.exchange.attend() == Exchange::ORPHANED, "an exchange ends when nobody waits for the program");
  close(ends[0]);
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  // Ends the test in place of a loop without end.
  alarm(60);
  passes_everything();
  reads_nothing();
  leaves_a_process_behind();
  outlasts_nothing();
  nobody_waits();
  puts("exchange: ok");
  return 0;
}
