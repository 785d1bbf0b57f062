// One version of an agreement, indexed for decisions.
#ifndef ENTENTE_POLICY_COMPILED_AGREEMENT_H_
#define ENTENTE_POLICY_COMPILED_AGREEMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "crypto/sha.h"
#include "policy/agreement.h"

namespace entente::policy {

// Immutable and thread-safe; look-ups cost a hash or two. Memory is linear in
// the document.
class CompiledAgreement {
 public:
  // One flow with its fields by name.
  struct IndexedFlow {
    const Flow* flow = nullptr;
    size_t index = 0;  // position in `flows`
    struct Release {
      const Treatment* treatment = nullptr;
      Transform transform = Transform::kWithhold;  // the treatment's
      size_t index = 0;          // position in `release`, for marking
      absl::string_view scheme;  // of a pseudonym; empty otherwise
    };
    // Keys are copies, so that a short name is compared where it is found: with
    // thousands of agreements it is the cache misses that count.
    absl::flat_hash_map<std::string, Release> release;
    size_t released = 0;        // fields that are not withheld
    uint32_t requirements = 0;  // BitOf each Requirement
    uint32_t methods = 0;       // BitOf each Method
    uint64_t from = 0;          // bit per party, in the order of their ids
    uint64_t to = 0;
  };

  // Compiles a document that passed its checks (policy/check.h). `digest` is
  // the SHA-256 of its canonical form. InvalidArgument if it has more parties
  // than the 40 that the checks allow.
  static absl::StatusOr<std::shared_ptr<const CompiledAgreement>> Create(
      Agreement agreement, const crypto::Hash& digest);

  CompiledAgreement(const CompiledAgreement&) = delete;
  CompiledAgreement& operator=(const CompiledAgreement&) = delete;

  const Agreement& document() const { return document_; }
  const crypto::Hash& digest() const { return digest_; }
  absl::Time from() const { return from_; }
  absl::Time until() const { return until_; }
  bool IsParty(absl::string_view agency) const;

  // The one flow from `sender` to `recipient` for this purpose and data set;
  // null if there is none, or more than one.
  const IndexedFlow* FindRoute(absl::string_view sender,
                               absl::string_view recipient,
                               absl::string_view purpose,
                               absl::string_view dataset) const;

  // A requirement or method as one bit.
  template <typename Enum>
  static uint32_t BitOf(Enum value) {
    return uint32_t{1} << unsigned(value);
  }

 private:
  CompiledAgreement(Agreement agreement, const crypto::Hash& digest);
  std::optional<uint64_t> PartyBit(absl::string_view agency) const;

  const Agreement document_;
  const crypto::Hash digest_;
  const absl::Time from_;
  const absl::Time until_;
  std::vector<IndexedFlow> flows_;
  absl::flat_hash_map<std::string, uint64_t> party_bits_;
  // By purpose and data set, borrowed from document_: positions in flows_.
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>,
                      std::vector<size_t>>
      routes_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_COMPILED_AGREEMENT_H_
