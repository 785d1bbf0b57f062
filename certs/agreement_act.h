// What a signatory does to an agreement that stands: a signed document, so that
// nobody else can have done it.
#ifndef ENTENTE_CERTS_AGREEMENT_ACT_H_
#define ENTENTE_CERTS_AGREEMENT_ACT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/signed_document.h"
#include "crypto/dsse.h"
#include "crypto/sha.h"

namespace entente::certs {

inline constexpr absl::string_view kAgreementActType =
    "application/vnd.entente.agreement-act.v1+json";
// The length of a reason, in bytes.
inline constexpr size_t kMinActReasonBytes = 2;
inline constexpr size_t kMaxActReasonBytes = 300;
// How far the signer's clock and the broker's may be apart. An act that was
// signed earlier is not accepted later.
inline constexpr absl::Duration kMaxActAge = absl::Minutes(10);

enum class ActKind {
  kSuspend,         // the whole agreement, for everybody
  kSuspendSending,  // what the agency itself sends
  kResume,          // lifts one of the agency's own two above
  kWithdraw,        // the agency leaves
};

// `suspend`, `suspend_sending`, `resume`, `withdraw`.
absl::string_view ActName(ActKind kind);

struct AgreementAct {
  ActKind kind = ActKind::kSuspend;
  std::string agreement;
  uint32_t version = 0;  // that the signatory saw in force, or else the highest
  std::string digest;    // of that version: 64 hexadecimal digits
  std::string agency;    // whose act it is
  std::string reason;    // in one line
  // Of kResume: the digest of the act that it lifts; otherwise empty.
  std::string lifts;
  // Of kWithdraw: the days of notice given, at most 365; otherwise 0.
  uint32_t notice_days = 0;
  absl::Time signed_at;  // whole milliseconds

  bool operator==(const AgreementAct&) const = default;
};

// RFC 8785 JSON. InvalidArgument for what ParseAgreementAct would refuse.
absl::StatusOr<std::string> PrintAgreementAct(const AgreementAct& act);

// Reads exactly what PrintAgreementAct writes. InvalidArgument. Safe on hostile
// input.
absl::StatusOr<AgreementAct> ParseAgreementAct(
    absl::Span<const uint8_t> payload);

// What stands for an act in entries, and in the act that lifts it.
crypto::Hash AgreementActDigest(absl::Span<const uint8_t> payload);

// An act, and who signed it.
struct SignedAct {
  AgreementAct act;
  Signer signer;
  std::string digest;  // hex
};

// The act in `envelope`, signed exactly once by a signatory of the agency that
// it names, whose root's key has the SHA-256 `root_spki` (hex), with a
// certificate valid when it was signed. InvalidArgument, Unauthenticated.
absl::StatusOr<SignedAct> VerifyAgreementAct(const crypto::Envelope& envelope,
                                             absl::string_view root_spki);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_AGREEMENT_ACT_H_
