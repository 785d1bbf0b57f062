#include "broker/ledger/tree_hash.h"

#include <algorithm>
#include <array>

namespace entente::broker {

crypto::Hash EmptyRoot() { return crypto::Sha256(absl::string_view()); }

crypto::Hash LeafHash(absl::string_view entry) {
  static constexpr char kLeaf = 0;
  return crypto::Sha256Hasher()
      .Update(absl::string_view(&kLeaf, 1))
      .Update(entry)
      .Finish();
}

crypto::Hash NodeHash(const crypto::Hash& left, const crypto::Hash& right) {
  std::array<uint8_t, 65> message;
  message[0] = 1;
  std::copy(left.begin(), left.end(), message.begin() + 1);
  std::copy(right.begin(), right.end(), message.begin() + 33);
  return crypto::Sha256(absl::MakeConstSpan(message));
}

}  // namespace entente::broker
