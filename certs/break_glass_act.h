// The signed acts of break-glass: a grant is asked for, approved by another,
// closed early, and reported on.
#ifndef ENTENTE_CERTS_BREAK_GLASS_ACT_H_
#define ENTENTE_CERTS_BREAK_GLASS_ACT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "certs/signed_document.h"
#include "crypto/dsse.h"
#include "crypto/sha.h"

namespace entente::certs {

inline constexpr absl::string_view kBreakGlassActType =
    "application/vnd.entente.break-glass-act.v1+json";
// The length of the words of any act but a report, in bytes; those of an
// approval may be missing.
inline constexpr size_t kMinGlassWordsBytes = 2;
inline constexpr size_t kMaxGlassWordsBytes = 300;
// The length of a report.
inline constexpr size_t kMinGlassReportBytes = 20;
inline constexpr size_t kMaxGlassReportBytes = 2000;
// What the grant is asked for.
inline constexpr size_t kMaxGlassFields = 64;
inline constexpr uint32_t kMaxGlassMinutes = 60;
inline constexpr size_t kMaxCaseReferenceBytes = 300;
// How far the signer's clock and the broker's may be apart, either way.
inline constexpr absl::Duration kMaxGlassActAge = absl::Minutes(10);

enum class GlassActKind {
  kAsk,      // a signatory asks for a grant
  kApprove,  // another party's signatory, or an overseer, grants it
  kClose,    // any party ends it
  kReport,   // who granted it says what was done with it
};

// `ask`, `approve`, `close`, `report`.
absl::string_view GlassActName(GlassActKind kind);

struct BreakGlassAct {
  GlassActKind kind = GlassActKind::kAsk;
  std::string agreement;
  uint32_t version = 0;
  std::string digest;    // of that version: 64 hexadecimal digits
  std::string agency;    // whose act it is
  std::string words;     // the reason, or the report, in one line
  absl::Time signed_at;  // whole milliseconds
  // Of all but kAsk: the grant, which is the digest of what was asked.
  std::string grant;
  // Of kAsk alone.
  std::string flow;
  std::string sender;
  std::string recipient;
  std::string purpose;
  std::string case_reference;
  std::vector<std::string> fields;  // in order of names, each once
  uint32_t minutes = 0;             // 1 to kMaxGlassMinutes
  bool drill = false;
  // 64 random hexadecimal digits, so that no two that are asked are one.
  std::string nonce;

  bool operator==(const BreakGlassAct&) const = default;
};

// RFC 8785 JSON. InvalidArgument for what ParseBreakGlassAct would refuse.
absl::StatusOr<std::string> PrintBreakGlassAct(const BreakGlassAct& act);

// Reads exactly what PrintBreakGlassAct writes. InvalidArgument. Safe on
// hostile input.
absl::StatusOr<BreakGlassAct> ParseBreakGlassAct(
    absl::Span<const uint8_t> payload);

// What stands for an act in entries; of kAsk, for the grant.
crypto::Hash BreakGlassActDigest(absl::Span<const uint8_t> payload);

// An act, and who signed it.
struct SignedBreakGlassAct {
  BreakGlassAct act;
  Signer signer;
  std::string digest;  // hex
};

// Which certificates of the agency count.
enum class GlassSigner {
  kParty,     // signatories
  kOverseer,  // auditors too; no overseer asks or closes
};

// The act in `envelope`, signed exactly once by the agency that it names, whose
// root's key has the SHA-256 `root_spki` (hex), with a certificate valid when
// it was signed. InvalidArgument, Unauthenticated.
absl::StatusOr<SignedBreakGlassAct> VerifyBreakGlassAct(
    const crypto::Envelope& envelope, absl::string_view root_spki,
    GlassSigner signer);

}  // namespace entente::certs

#endif  // ENTENTE_CERTS_BREAK_GLASS_ACT_H_
