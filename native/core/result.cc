#include "result.h"

namespace runts {

namespace {
// Raw storage: a Text object here would need a constructor to run before main, and nobody runs those.
alignas(Text<DETAIL_SIZE>) char storage[sizeof(Text<DETAIL_SIZE>)];
}  // namespace

Text<DETAIL_SIZE>& detail_buffer() {
  return *reinterpret_cast<Text<DETAIL_SIZE>*>(storage);
}

}  // namespace runts
