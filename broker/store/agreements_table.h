// Versions of agreements and their signatures.
#ifndef ENTENTE_BROKER_STORE_AGREEMENTS_TABLE_H_
#define ENTENTE_BROKER_STORE_AGREEMENTS_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "broker/store/sqlite.h"

namespace entente::broker {

// Kept as numbers: values are never reused.
enum class AgreementState {
  kProposed = 1,    // signatures are missing
  kSigned = 2,      // all signed, not in force yet
  kActive = 3,      // in force; at most one version of an agreement
  kSuperseded = 4,  // a later version took over
  kTerminated = 5,
};

struct AgreementRow {
  std::string id;
  uint32_t version = 0;
  std::vector<uint8_t> document;  // canonical bytes
  std::vector<uint8_t> digest;    // 32 bytes
  AgreementState state = AgreementState::kProposed;
  std::string proposed_by;  // the caller's identity
  absl::Time proposed;      // whole milliseconds
  absl::optional<absl::Time> activated;
  absl::optional<uint64_t> activation_entry;
  // The entry that says that a review is overdue.
  absl::optional<uint64_t> overdue_entry = absl::nullopt;
};

struct SignatureRow {
  std::string party, role, name;
  std::vector<uint8_t> envelope;  // as it was sent, with the chain
  absl::Time signed_at;           // whole milliseconds
  // SHA-256 of the diff that the signatory was shown; empty for version 1.
  std::vector<uint8_t> diff = {};
};

class AgreementsTable {
 public:
  explicit AgreementsTable(Transaction& transaction)
      : transaction_(transaction) {}

  // Writes a version with the agencies that may see it. AlreadyExists if the
  // version is there.
  absl::Status Insert(const AgreementRow& row,
                      absl::Span<const std::string> parties);
  // NotFound, all three.
  absl::StatusOr<AgreementRow> Get(absl::string_view id, uint32_t version);
  absl::StatusOr<AgreementRow> GetHighest(absl::string_view id);
  absl::StatusOr<AgreementRow> GetActive(absl::string_view id);
  // The highest version that names `agency`, of each agreement after `after`,
  // by id, at most `limit`.
  absl::StatusOr<std::vector<AgreementRow>> ListOf(absl::string_view agency,
                                                   absl::string_view after,
                                                   int limit);
  // The ids of all agreements, in order. Reads no document.
  absl::StatusOr<std::vector<std::string>> Ids();
  // All versions of one agreement, the lowest first; empty if there is none.
  absl::StatusOr<std::vector<AgreementRow>> Versions(absl::string_view id);
  // All versions in `state`, by id and version.
  absl::StatusOr<std::vector<AgreementRow>> ListIn(AgreementState state);

  // NotFound if there is no such version.
  absl::Status SetState(absl::string_view id, uint32_t version,
                        AgreementState state);
  // Puts a version in force; the one that was becomes superseded. NotFound.
  absl::Status Activate(absl::string_view id, uint32_t version, absl::Time at);
  absl::Status SetActivationEntry(absl::string_view id, uint32_t version,
                                  uint64_t entry);
  absl::Status SetOverdueEntry(absl::string_view id, uint32_t version,
                               uint64_t entry);

  // AlreadyExists if this line is signed.
  absl::Status InsertSignature(absl::string_view id, uint32_t version,
                               const SignatureRow& row);
  // Opens the line of `row` again; nothing if it is not signed.
  absl::Status RemoveSignature(absl::string_view id, uint32_t version,
                               const SignatureRow& row);
  // By party, role and name.
  absl::StatusOr<std::vector<SignatureRow>> Signatures(absl::string_view id,
                                                       uint32_t version);
  // The same with party, role and name alone, which are all that says whether a
  // line is signed.
  absl::StatusOr<std::vector<SignatureRow>> SignedLines(absl::string_view id,
                                                        uint32_t version);

 private:
  Transaction& transaction_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_AGREEMENTS_TABLE_H_
