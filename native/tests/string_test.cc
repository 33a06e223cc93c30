// native/musl/string.cc against the C library's own functions: every size and distance around the places where the
// algorithm changes. The script compiles that file with its functions renamed.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" {
void* own_memcpy(void* to, const void* from, size_t size);
void* own_memmove(void* to, const void* from, size_t size);
int own_memcmp(const void* one, const void* other, size_t size);
}

namespace {

void expect(bool holds, const char* what, size_t size, long distance) {
  if (holds) return;
  fprintf(stderr, "%s of %zu bytes at distance %ld\n", what, size, distance);
  exit(1);
}

/** No two neighbours alike, so that a byte in the wrong place shows. */
std::vector<char> pattern(size_t size) {
  std::vector<char> bytes(size);
  for (size_t i = 0; i < size; i++) bytes[i] = static_cast<char>(i * 7 + (i >> 8) + 1);
  return bytes;
}

void copy(size_t size) {
  // Of exactly that size, so that the sanitizer sees what is read or written beside.
  const std::vector<char> from = pattern(size);
  std::vector<char> to(size);
  expect(own_memcpy(to.data(), from.data(), size) == to.data() && to == from, "memcpy", size, 0);
}

void move(size_t size, long distance) {
  const size_t room = size + 600;
  std::vector<char> ours = pattern(room);
  std::vector<char> theirs = ours;
  const size_t at = 300;
  own_memmove(ours.data() + at + distance, ours.data() + at, size);
  memmove(theirs.data() + at + distance, theirs.data() + at, size);
  expect(ours == theirs, "memmove", size, distance);
}

int sign(int number) {
  return (number > 0) - (number < 0);
}

void compare(size_t size) {
  const std::vector<char> one = pattern(size);
  std::vector<char> other = one;
  expect(own_memcmp(one.data(), other.data(), size) == 0, "memcmp of the same", size, 0);
  for (size_t i = 0; i < size; i++) {
    other[i] = static_cast<char>(other[i] ^ 0x80);
    const int expected = sign(memcmp(one.data(), other.data(), size));
    expect(sign(own_memcmp(one.data(), other.data(), size)) == expected, "memcmp", size, static_cast<long>(i));
    other[i] = one[i];
  }
}

}  // namespace

int main() {
  for (size_t size = 0; size <= 700; size++) copy(size);
  for (size_t size = 0; size <= 600; size += size < 70 ? 1 : 13)
    for (long distance = -300; distance <= 300; distance += distance >= -40 && distance < 40 ? 1 : 11)
      move(size, distance);
  for (size_t size = 0; size <= 100; size++) compare(size);
  printf("string: every size and distance\n");
}
