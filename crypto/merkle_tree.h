// Roots and proofs of an RFC 6962 tree, wherever its hashes are kept.
#ifndef ENTENTE_CRYPTO_MERKLE_TREE_H_
#define ENTENTE_CRYPTO_MERKLE_TREE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "crypto/merkle.h"

namespace entente::crypto {

// Where the hashes of a tree come from. A node of height h and index i is the
// root of the 2^h leaves from i * 2^h on.
class NodeReader {
 public:
  virtual ~NodeReader() = default;

  // Asked only for nodes whose leaves are all in the tree.
  virtual absl::StatusOr<Hash> Node(uint32_t height, uint64_t index) = 0;
};

// Root of the first `size` entries; at most 64 nodes are read. Fails only as
// the reader does.
absl::StatusOr<Hash> TreeRoot(NodeReader& nodes, uint64_t size);

// Proof for entry `index` in the tree of `size`, leaf to root: RFC 6962 section
// 2.1.1. OutOfRange unless index < size; else fails as the reader does.
absl::StatusOr<std::vector<Hash>> InclusionProof(NodeReader& nodes,
                                                 uint64_t index, uint64_t size);

// Proof that the tree of `new_size` begins with that of `old_size`: RFC 6962
// section 2.1.2; empty if they are equal or old_size is 0. OutOfRange if
// old_size > new_size; else fails as the reader does.
absl::StatusOr<std::vector<Hash>> ConsistencyProof(NodeReader& nodes,
                                                   uint64_t old_size,
                                                   uint64_t new_size);

// An append-only tree in memory, 64 bytes an entry; entries are hashed, not
// kept. Const methods may run concurrently; Append needs exclusive access.
class MerkleLog final : public NodeReader {
 public:
  // Adds an entry, or its hash, and returns its index.
  uint64_t Append(absl::Span<const uint8_t> entry);
  uint64_t AppendHash(const Hash& leaf);

  uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }

  // OutOfRange if the node's leaves are not all there.
  absl::StatusOr<Hash> Node(uint32_t height, uint64_t index) override;

  // The functions above, on this tree. OutOfRange as they say, and if a size is
  // above size().
  absl::StatusOr<Hash> RootAt(uint64_t size) const;
  absl::StatusOr<std::vector<Hash>> ProveInclusion(uint64_t index,
                                                   uint64_t size) const;
  absl::StatusOr<std::vector<Hash>> ProveConsistency(uint64_t old_size,
                                                     uint64_t new_size) const;

 private:
  std::vector<std::vector<Hash>> levels_;  // complete nodes, leaves first
};

// The right edge of a tree: the roots of its perfect subtrees, largest first.
// Enough to append and to know the root, in at most 64 hashes.
class CompactRange {
 public:
  CompactRange() = default;

  // The edge of the tree of `size` entries: as many hashes as `size` has bits
  // set. InvalidArgument otherwise.
  static absl::StatusOr<CompactRange> FromEdge(uint64_t size,
                                               std::vector<Hash> edge);
  // Reads the edge of the first `size` entries. Fails as the reader does.
  static absl::StatusOr<CompactRange> Read(NodeReader& nodes, uint64_t size);

  // About one NodeHash a call.
  void Append(const Hash& leaf);

  uint64_t size() const { return size_; }
  absl::Span<const Hash> edge() const { return edge_; }
  Hash Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> edge_;
};

}  // namespace entente::crypto

#endif  // ENTENTE_CRYPTO_MERKLE_TREE_H_
