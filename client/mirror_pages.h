// What a mirror answers to clients of logs: c2sp.org/tlog-tiles.
#ifndef ENTENTE_CLIENT_MIRROR_PAGES_H_
#define ENTENTE_CLIENT_MIRROR_PAGES_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace entente::client {

// One answer of HTTP.
struct MirrorPage {
  int status = 404;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  // How long others may keep it.
  std::string cache_control = "no-store";
};

// The files of one mirror by the names that the layout gives them. Names of
// files are made from numbers that were read, never from what was asked, so no
// path leads out of the folder. Thread-safe; the mirror may grow meanwhile.
class MirrorPages {
 public:
  explicit MirrorPages(std::string folder) : folder_(std::move(folder)) {}

  // `path` as asked for, with its first slash: `/checkpoint`,
  // `/tile/0/x001/234.p/7`, `/tile/entries/000`. Partial tiles are there for
  // every size up to the checkpoint's: what a wider file begins with.
  //
  // 404 for anything else and for what the log does not have; 500 if the mirror
  // lacks what its checkpoint says.
  MirrorPage Get(absl::string_view path) const;

 private:
  MirrorPage Checkpoint() const;

  const std::string folder_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MIRROR_PAGES_H_
