// Ways that data may go, put together for people to read.
#ifndef ENTENTE_POLICY_ROUTE_BOXES_H_
#define ENTENTE_POLICY_ROUTE_BOXES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::policy {

// One sender, one recipient, one purpose. Borrows the names.
struct Way {
  absl::string_view from;
  absl::string_view to;
  absl::string_view purpose;
  bool operator==(const Way&) const = default;
};

// Each of `from` to each of `to` for each of `purposes`, but never to itself.
// Every list is in order and without repeats.
struct RouteBox {
  std::vector<std::string> from;
  std::vector<std::string> to;
  std::vector<std::string> purposes;
  bool operator==(const RouteBox&) const = default;
};

// Few boxes that hold exactly `ways`, which are not repeated and go from nobody
// to itself. The same for the same ways in any order; n log n.
std::vector<RouteBox> BoxesOf(const std::vector<Way>& ways);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_ROUTE_BOXES_H_
