#include "crypto/merkle.h"

#include <algorithm>
#include <array>
#include <bit>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"

namespace entente::crypto {
namespace {

// The position that RFC 9162 walks up: a node and the last node of its level.
struct Climb {
  uint64_t fn;
  uint64_t sn;

  bool TakesLeft() const { return (fn & 1) != 0 || fn == sn; }

  void Shift() {
    fn >>= 1;
    sn >>= 1;
  }

  // After a left sibling: on the right edge, up past the levels where this
  // node has no sibling.
  void ShiftAfterLeft() {
    while ((fn & 1) == 0 && fn != 0) Shift();
  }
};

absl::Status WrongLength(absl::string_view what, size_t length) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " proof: ", length, " hashes are not what it takes"));
}

}  // namespace

Hash EmptyRoot() { return Sha256(absl::string_view()); }

Hash LeafHash(absl::Span<const uint8_t> entry) {
  static constexpr uint8_t kPrefix[] = {0};
  // A context of its own for each call would cost more than the hash.
  thread_local Sha256Hasher hasher;
  return hasher.Update(absl::MakeConstSpan(kPrefix)).Update(entry).Finish();
}

Hash LeafHash(absl::string_view entry) { return LeafHash(AsBytes(entry)); }

Hash NodeHash(const Hash& left, const Hash& right) {
  std::array<uint8_t, 65> message;
  message[0] = 1;
  std::copy(left.begin(), left.end(), message.begin() + 1);
  std::copy(right.begin(), right.end(), message.begin() + 33);
  return Sha256(absl::MakeConstSpan(message));
}

absl::Status VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size,
                             absl::Span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("inclusion proof: no entry ", index, " among ", size));
  }
  Climb at = {index, size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (at.sn == 0) return WrongLength("inclusion", proof.size());
    if (at.TakesLeft()) {
      hash = NodeHash(sibling, hash);
      at.ShiftAfterLeft();
    } else {
      hash = NodeHash(hash, sibling);
    }
    at.Shift();
  }
  if (at.sn != 0) return WrongLength("inclusion", proof.size());
  if (hash != root) {
    return absl::DataLossError("inclusion proof: leads to another root");
  }
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root,
                               uint64_t new_size, const Hash& new_root,
                               absl::Span<const Hash> proof) {
  if (old_size > new_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("consistency proof: the tree shrinks from ", old_size,
                     " to ", new_size));
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return WrongLength("consistency", proof.size());
    const bool old_fits = old_size != 0 || old_root == EmptyRoot();
    const bool new_fits = old_size != new_size || old_root == new_root;
    if (old_fits && new_fits) return absl::OkStatus();
    return absl::DataLossError("consistency proof: the roots do not match");
  }
  Climb at = {old_size - 1, new_size - 1};
  while ((at.fn & 1) != 0) at.Shift();
  // The old root itself is left out of the proof when it is a node of the new
  // tree.
  const bool old_is_node = std::has_single_bit(old_size);
  if (!old_is_node && proof.empty()) return WrongLength("consistency", 0);
  Hash old_hash = old_is_node ? old_root : proof[0];
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof.subspan(old_is_node ? 0 : 1)) {
    if (at.sn == 0) return WrongLength("consistency", proof.size());
    if (at.TakesLeft()) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
      at.ShiftAfterLeft();
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    at.Shift();
  }
  if (at.sn != 0) return WrongLength("consistency", proof.size());
  if (old_hash != old_root || new_hash != new_root) {
    return absl::DataLossError("consistency proof: leads to other roots");
  }
  return absl::OkStatus();
}

}  // namespace entente::crypto
