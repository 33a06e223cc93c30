// The plan reader and the text builder, built hosted with sanitizers. Argument: the file that write-plan.ts wrote.

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "../core/ops.gen.h"
#include "../core/result.h"
#include "../core/text.h"
#include "fuzz_wire.h"

using namespace runts;

namespace {

int failures = 0;

void check(bool holds, const char* what, int line) {
  if (holds) return;
  failures++;
  fprintf(stderr, "wire_test.cc:%d: %s\n", line, what);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

using Plan = std::vector<u8>;

bool accepted(const Plan& plan) {
  return read_plan(plan.data(), plan.size());
}

/** The plan's record of one operation, decoded. */
template <typename Operation>
Operation record_of(const Plan& plan) {
  Operation operation;
  Reader reader(plan.data(), plan.size());
  CHECK(read_header(reader, plan.size()));
  for (Record record; !reader.finished();) {
    if (!read_record(reader, record)) break;
    if (record.op != Operation::NUMBER) continue;
    CHECK(record.step == Operation::NUMBER - 1);
    CHECK(record.stage == (Operation::NUMBER <= 5 ? stages::intermediate : stages::init));
    CHECK(Operation::decode(record.payload, operation));
    return operation;
  }
  CHECK(!"the plan has every operation");
  return operation;
}

void test_values(const Plan& plan) {
  CHECK(accepted(plan));
  auto mount = record_of<ops::FsMount>(plan);
  CHECK(mount.type == str("sieben7") && mount.source == str("sieben7"));
  CHECK(mount.attributes == ~u64{1} && mount.slot == SLOT_COUNT - 1);
  const char* expected[] = {"", "a", "achtacht", "Grüße"};
  u64 index = 0;
  CHECK(mount.options.size == 4);
  for (Str option : mount.options) CHECK(option == str(expected[index++]));
  CHECK(index == 4);
  CHECK(record_of<ops::SchedulerSet>(plan).nice == -2);
  auto user = record_of<ops::UserSet>(plan);
  CHECK(user.uid == 0xfffffffe && user.setGroups && user.groups.size == 2 && user.groups[1] == 0xffffffff);
  auto affinity = record_of<ops::AffinitySet>(plan);
  CHECK(affinity.mask.size == 2 && affinity.mask[1] == ~u64{0});
  auto seccomp = record_of<ops::SeccompLoad>(plan);
  CHECK(seccomp.program.size == 8 && seccomp.program.data[7] == 8);
}

void test_truncation(const Plan& plan) {
  for (size_t size = 0; size < plan.size(); size++) {
    Plan cut(plan.begin(), plan.begin() + static_cast<long>(size));
    CHECK(!accepted(cut));
    // Once more with a header that tells the shorter length, so that the records are looked at.
    u64 length = size;
    if (size >= 24) memcpy(&cut[16], &length, sizeof(length));
    LLVMFuzzerTestOneInput(cut.data(), cut.size());
  }
  Plan longer = plan;
  longer.resize(plan.size() + 8);
  CHECK(!accepted(longer));
}

void test_bit_flips(const Plan& plan) {
  Plan flipped = plan;
  for (size_t bit = 0; bit < plan.size() * 8; bit++) {
    flipped[bit / 8] ^= static_cast<u8>(1 << bit % 8);
    LLVMFuzzerTestOneInput(flipped.data(), flipped.size());
    flipped[bit / 8] = plan[bit / 8];
  }
  for (size_t byte = 0; byte < 24; byte++) {
    flipped[byte] ^= 1;
    CHECK(!accepted(flipped));
    flipped[byte] = plan[byte];
  }
}

/** Words of a plan replaced by what lengths and counts go wrong with. The generator is fixed: every run is the same. */
void test_wild_words(const Plan& plan) {
  const u64 wild[] = {0,           1, 7, 8, 9, 0xffffffff, 0x100000000, ~u64{0}, ~u64{0} - 7, ~u64{0} - 8, u64{1} << 63,
                      u64{1} << 61};
  u64 state = 88172645463325252ULL;
  auto next = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
  };
  for (int round = 0; round < 20000; round++) {
    Plan changed = plan;
    for (u64 i = 0; i <= next() % 3; i++) {
      u64 value = next() % 4 == 0 ? next() : wild[next() % std::size(wild)];
      memcpy(&changed[24 + next() % (plan.size() / 8 - 3) * 8], &value, sizeof(value));
    }
    LLVMFuzzerTestOneInput(changed.data(), changed.size());
  }
}

void test_fields() {
  alignas(8) u8 memory[64] = {};
  u32 number = 0;
  bool flag = false;
  Str text;
  auto word = [&memory](size_t index, u64 value) { memcpy(memory + index * 8, &value, 8); };
  word(0, u64{1} << 32);
  CHECK(!Reader(memory, 8).u32_(number));
  word(0, 2);
  CHECK(!Reader(memory, 8).bool_(flag));
  word(0, SLOT_COUNT);
  CHECK(!Reader(memory, 8).slot(number));
  word(0, SLOT_COUNT - 1);
  CHECK(Reader(memory, 8).slot(number));
  CHECK(!Reader(memory + 4, 8).u32_(number) && !Reader(memory + 4, 8).finished());
  CHECK(!Reader(memory, 12).u32_(number) && !Reader(memory, 12).finished());

  word(0, 3);
  memcpy(memory + 8, "a\0b", 4);
  CHECK(!Reader(memory, 16).str(text));
  memcpy(memory + 8, "abc", 4);
  CHECK(Reader(memory, 16).str(text) && text == str("abc"));
  memory[12] = 1;
  CHECK(!Reader(memory, 16).str(text));
  // Eight bytes need a second word for their NUL.
  word(0, 8);
  memcpy(memory + 8, "abcdefgh", 8);
  CHECK(!Reader(memory, 16).str(text));
  CHECK(Reader(memory, 24).str(text) && text.size == 8);
}

void test_text() {
  Text<8> text;
  text.add("abc").add('/').number(12);
  CHECK(text.view() == str("abc/12") && !text.truncated());
  text.add("xyz");
  CHECK(text.view() == str("abc/12x") && text.truncated() && text.c_str()[7] == '\0');
  text.clear();
  CHECK(text.size() == 0 && !text.truncated());
  CHECK(text.number(0755, 8).view() == str("755"));
  text.cut(1);
  CHECK(text.view() == str("7"));
  Text<32> number;
  CHECK(number.number(~u64{0}).view() == str("18446744073709551615"));
  CHECK(starts_with(str("abc"), str("ab")) && !starts_with(str("a"), str("ab")));
  CHECK(find(str("a:b"), ':') == 1 && find(str("ab"), ':') == 2);

  Result result = fail(-ENOENT, "open", "/x");
  CHECK(!result.ok() && result.error == ENOENT && str(result.detail) == str("/x"));
  detail_buffer().clear();
  detail_buffer().add("built").add(" here");
  CHECK(str(fail(EIO, "read", detail_buffer().view()).detail) == str("built here"));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  Plan plan((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  test_values(plan);
  test_truncation(plan);
  test_bit_flips(plan);
  test_wild_words(plan);
  test_fields();
  test_text();
  printf("wire_test: %s\n", failures == 0 ? "ok" : "FAILED");
  return failures == 0 ? 0 : 1;
}
