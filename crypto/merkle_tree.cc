#include "crypto/merkle_tree.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::crypto {
namespace {

// How RFC 6962 splits a tree of `count` leaves: the largest power of two below.
uint64_t SplitPoint(uint64_t count) { return std::bit_floor(count - 1); }

// Root of the leaves [begin, end), a range that the splits of some tree reach,
// so that every perfect subtree in it is a node.
absl::StatusOr<Hash> RangeRoot(NodeReader& nodes, uint64_t begin,
                               uint64_t end) {
  std::vector<Hash> parts;  // perfect subtrees, left to right
  while (begin != end) {
    const uint64_t count = std::bit_floor(end - begin);
    const auto height = static_cast<uint32_t>(std::countr_zero(count));
    const absl::StatusOr<Hash> part = nodes.Node(height, begin >> height);
    if (!part.ok()) return part;
    parts.push_back(*part);
    begin += count;
  }
  Hash root = parts.back();
  for (size_t i = parts.size() - 1; i-- > 0;) root = NodeHash(parts[i], root);
  return root;
}

// A reader of a const MerkleLog, which only reads in any case.
class ConstReader final : public NodeReader {
 public:
  explicit ConstReader(const std::vector<std::vector<Hash>>* levels)
      : levels_(*levels) {}

  absl::StatusOr<Hash> Node(uint32_t height, uint64_t index) override {
    if (height >= levels_.size() || index >= levels_[height].size()) {
      return absl::OutOfRangeError(
          absl::StrCat("the tree has no node ", index, " of height ", height));
    }
    return levels_[height][index];
  }

 private:
  const std::vector<std::vector<Hash>>& levels_;
};

}  // namespace

absl::StatusOr<Hash> TreeRoot(NodeReader& nodes, uint64_t size) {
  if (size == 0) return EmptyRoot();
  return RangeRoot(nodes, 0, size);
}

absl::StatusOr<std::vector<Hash>> InclusionProof(NodeReader& nodes,
                                                 uint64_t index,
                                                 uint64_t size) {
  if (index >= size) {
    return absl::OutOfRangeError(
        absl::StrCat("no entry ", index, " in a tree of ", size));
  }
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool left = index < split;
    const absl::StatusOr<Hash> sibling =
        left ? RangeRoot(nodes, split, end) : RangeRoot(nodes, begin, split);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*sibling);
    (left ? end : begin) = split;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Hash>> ConsistencyProof(NodeReader& nodes,
                                                   uint64_t old_size,
                                                   uint64_t new_size) {
  if (old_size > new_size) {
    return absl::OutOfRangeError(absl::StrCat(
        "a tree of ", new_size, " does not hold one of ", old_size));
  }
  std::vector<Hash> proof;
  if (old_size == 0 || old_size == new_size) return proof;
  uint64_t begin = 0;
  uint64_t end = new_size;
  while (end != old_size) {
    const uint64_t split = begin + SplitPoint(end - begin);
    const bool left = old_size <= split;
    const absl::StatusOr<Hash> sibling =
        left ? RangeRoot(nodes, split, end) : RangeRoot(nodes, begin, split);
    if (!sibling.ok()) return sibling.status();
    proof.push_back(*sibling);
    (left ? end : begin) = split;
  }
  // From the first leaf on, what remains is the old tree, whose root the
  // verifier has.
  if (begin != 0) {
    const absl::StatusOr<Hash> rest = RangeRoot(nodes, begin, end);
    if (!rest.ok()) return rest.status();
    proof.push_back(*rest);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

uint64_t MerkleLog::Append(absl::Span<const uint8_t> entry) {
  return AppendHash(LeafHash(entry));
}

uint64_t MerkleLog::AppendHash(const Hash& leaf) {
  const uint64_t index = size();
  Hash node = leaf;
  for (size_t height = 0;; ++height) {
    if (height == levels_.size()) levels_.emplace_back();
    std::vector<Hash>& level = levels_[height];
    level.push_back(node);
    if (level.size() % 2 != 0) return index;
    node = NodeHash(level[level.size() - 2], level.back());
  }
}

absl::StatusOr<Hash> MerkleLog::Node(uint32_t height, uint64_t index) {
  return ConstReader(&levels_).Node(height, index);
}

absl::StatusOr<Hash> MerkleLog::RootAt(uint64_t size) const {
  ConstReader nodes(&levels_);
  return TreeRoot(nodes, size);
}

absl::StatusOr<std::vector<Hash>> MerkleLog::ProveInclusion(
    uint64_t index, uint64_t size) const {
  ConstReader nodes(&levels_);
  return InclusionProof(nodes, index, size);
}

absl::StatusOr<std::vector<Hash>> MerkleLog::ProveConsistency(
    uint64_t old_size, uint64_t new_size) const {
  if (new_size > size()) {
    return absl::OutOfRangeError(
        absl::StrCat("the tree has ", size(), " entries, not ", new_size));
  }
  ConstReader nodes(&levels_);
  return ConsistencyProof(nodes, old_size, new_size);
}

absl::StatusOr<CompactRange> CompactRange::FromEdge(uint64_t size,
                                                    std::vector<Hash> edge) {
  const auto due = static_cast<size_t>(std::popcount(size));
  if (edge.size() != due) {
    return absl::InvalidArgumentError(
        absl::StrCat("the right edge of ", size, " entries is ", due,
                     " hashes, not ", edge.size()));
  }
  CompactRange range;
  range.size_ = size;
  range.edge_ = std::move(edge);
  return range;
}

absl::StatusOr<CompactRange> CompactRange::Read(NodeReader& nodes,
                                                uint64_t size) {
  CompactRange range;
  range.size_ = size;
  uint64_t begin = 0;
  while (begin != size) {
    const uint64_t count = std::bit_floor(size - begin);
    const auto height = static_cast<uint32_t>(std::countr_zero(count));
    const absl::StatusOr<Hash> node = nodes.Node(height, begin >> height);
    if (!node.ok()) return node.status();
    range.edge_.push_back(*node);
    begin += count;
  }
  return range;
}

void CompactRange::Append(const Hash& leaf) {
  Hash node = leaf;
  for (uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = NodeHash(edge_.back(), node);
    edge_.pop_back();
  }
  edge_.push_back(node);
  ++size_;
}

Hash CompactRange::Root() const {
  if (edge_.empty()) return EmptyRoot();
  Hash root = edge_.back();
  for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(edge_[i], root);
  return root;
}

}  // namespace entente::crypto
