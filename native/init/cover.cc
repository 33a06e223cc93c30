#include "path.h"

namespace runts {

Result open_cover(Context& context, Str path, int known, Fd& to) {
  if (!context.through_symlink) return ok();
  Fd cover;
  const Result opened = open_in_root(context, path, O_PATH, 0, cover);
  if (means_absent(opened)) return ok();
  TRY(opened);
  struct statx known_place;
  struct statx place;
  if (known >= 0) TRY(status_of(known, path, known_place));
  TRY(status_of(cover.get(), path, place));
  if (known < 0 || !same_place(known_place, place)) to = static_cast<Fd&&>(cover);
  return ok();
}

}  // namespace runts
