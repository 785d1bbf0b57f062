#include "broker/ledger/ledger_tree.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "broker/ledger/tree_hash.h"

namespace entente::broker {
namespace {

using crypto::Hash;

constexpr size_t kHashBytes = 32;

// The largest power of two below `count`; `count` >= 2.
uint64_t SplitPoint(uint64_t count) { return std::bit_floor(count - 1); }

Hash HashAt(absl::Span<const uint8_t> hashes, uint64_t index) {
  Hash hash;
  const absl::Span<const uint8_t> bytes =
      hashes.subspan(index * kHashBytes, kHashBytes);
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

absl::StatusOr<Hash> LedgerTree::Node(uint32_t height, uint64_t index) {
  const auto known = nodes_.find({height, index});
  if (known != nodes_.end()) return known->second;
  Hash hash;
  if (height % kTileLevels == 0) {
    const std::pair<uint32_t, uint64_t> place = {height / kTileLevels,
                                                 index / kTileWidth};
    auto tile = tiles_.find(place);
    if (tile == tiles_.end()) {
      absl::StatusOr<std::vector<uint8_t>> read =
          table_.GetTile(id_, place.first, place.second);
      if (!read.ok()) return read.status();
      tile = tiles_.emplace(place, *std::move(read)).first;
    }
    if (tile->second.size() < (index % kTileWidth + 1) * kHashBytes) {
      return absl::DataLossError(absl::StrCat("ledger ", id_, ": tile ",
                                              place.first, "/", place.second,
                                              " is missing or too short"));
    }
    hash = HashAt(tile->second, index % kTileWidth);
  } else {
    const absl::StatusOr<Hash> left = Node(height - 1, 2 * index);
    if (!left.ok()) return left;
    const absl::StatusOr<Hash> right = Node(height - 1, 2 * index + 1);
    if (!right.ok()) return right;
    hash = NodeHash(*left, *right);
  }
  nodes_.emplace(std::make_pair(height, index), hash);
  return hash;
}

absl::StatusOr<Hash> LedgerTree::Range(uint64_t begin, uint64_t end) {
  const uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto height = static_cast<uint32_t>(std::countr_zero(count));
    return Node(height, begin >> height);
  }
  const uint64_t split = begin + SplitPoint(count);
  const absl::StatusOr<Hash> left = Range(begin, split);
  if (!left.ok()) return left;
  const absl::StatusOr<Hash> right = Range(split, end);
  if (!right.ok()) return right;
  return NodeHash(*left, *right);
}

absl::StatusOr<Hash> LedgerTree::Root(uint64_t size) {
  if (size == 0) return EmptyRoot();
  return Range(0, size);
}

// RFC 6962 section 2.1.1, from the root down.
absl::StatusOr<std::vector<Hash>> LedgerTree::Inclusion(uint64_t index,
                                                        uint64_t size) {
  if (index >= size) {
    return absl::OutOfRangeError(
        absl::StrCat("ledger ", id_, ": no entry ", index, " among ", size));
  }
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool in_left = index < split;
    const absl::StatusOr<Hash> sibling =
        in_left ? Range(split, end) : Range(begin, split);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*sibling);
    (in_left ? end : begin) = split;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

// RFC 6962 section 2.1.2, from the root down. While only left halves were
// taken, the old tree's own root is known to the verifier and left out.
absl::StatusOr<std::vector<Hash>> LedgerTree::Consistency(uint64_t from,
                                                          uint64_t size) {
  if (from > size) {
    return absl::OutOfRangeError(
        absl::StrCat("ledger ", id_, " has ", size, " entries and not ", from));
  }
  std::vector<Hash> proof;
  if (from == 0 || from == size) return proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (from != end) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool in_left = from <= split;
    const absl::StatusOr<Hash> sibling =
        in_left ? Range(split, end) : Range(begin, split);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*sibling);
    (in_left ? end : begin) = split;
  }
  if (begin != 0) {
    const absl::StatusOr<Hash> last = Range(begin, end);
    if (!last.ok()) return last.status();
    proof.push_back(*last);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Hash FullTileRoot(absl::Span<const uint8_t> hashes) {
  std::vector<Hash> level;
  for (uint64_t i = 0; i < kTileWidth; ++i) level.push_back(HashAt(hashes, i));
  while (level.size() > 1) {
    for (size_t i = 0; i < level.size() / 2; ++i) {
      level[i] = NodeHash(level[2 * i], level[2 * i + 1]);
    }
    level.resize(level.size() / 2);
  }
  return level[0];
}

}  // namespace entente::broker
