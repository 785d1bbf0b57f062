#include "certs/agreement_act.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/json_members.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::certs {
namespace {

constexpr absl::string_view kActSchema = "entente/agreement-act/v1";
constexpr int64_t kMaxNoticeDays = 365;

// Indexed by ActKind.
constexpr absl::string_view kActNames[] = {"suspend", "suspend_sending",
                                           "resume", "withdraw"};
static_assert(std::size(kActNames) == size_t(ActKind::kWithdraw) + 1);

absl::Status WrongAct(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the act ", what));
}

bool IsActDigest(absl::string_view text) {
  const auto bytes = crypto::FromHex(text);
  return bytes.ok() && bytes->size() == 32;
}

bool IsReason(absl::string_view text) {
  return text.size() >= kMinActReasonBytes &&
         text.size() <= kMaxActReasonBytes &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

absl::Status CheckAct(const AgreementAct& act) {
  if (act.agreement.empty() || act.agency.empty()) {
    return WrongAct("names no agreement, or no agency");
  }
  if (act.version == 0) return WrongAct("names no version");
  if (!IsActDigest(act.digest)) {
    return WrongAct("has no digest of the version");
  }
  if (!IsReason(act.reason)) {
    return WrongAct(absl::StrCat("has no reason in one line of ",
                                 kMinActReasonBytes, " to ", kMaxActReasonBytes,
                                 " bytes"));
  }
  const bool lifts = act.kind == ActKind::kResume;
  if (lifts ? !IsActDigest(act.lifts) : !act.lifts.empty()) {
    return WrongAct("names what it lifts if, and only if, it resumes");
  }
  if (act.notice_days > (act.kind == ActKind::kWithdraw ? kMaxNoticeDays : 0)) {
    return WrongAct("gives a notice that it may not give");
  }
  if (absl::FromUnixMillis(absl::ToUnixMillis(act.signed_at)) !=
          act.signed_at ||
      absl::ToUnixMillis(act.signed_at) < 0) {
    return WrongAct("was not signed at a whole millisecond since 1970");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view ActName(ActKind kind) { return kActNames[size_t(kind)]; }

absl::StatusOr<std::string> PrintAgreementAct(const AgreementAct& act) {
  if (absl::Status checked = CheckAct(act); !checked.ok()) return checked;
  return crypto::CanonicalJson(
      {{"schema", std::string(kActSchema)},
       {"act", std::string(ActName(act.kind))},
       {"agreement", act.agreement},
       {"version", act.version},
       {"digest", act.digest},
       {"agency", act.agency},
       {"reason", act.reason},
       {"lifts", act.lifts},
       {"notice_days", act.notice_days},
       {"signed_ms", absl::ToUnixMillis(act.signed_at)}});
}

absl::StatusOr<AgreementAct> ParseAgreementAct(
    absl::Span<const uint8_t> payload) {
  const absl::StatusOr<crypto::Json> json = crypto::ParseCanonicalJson(payload);
  if (!json.ok()) return json.status();
  JsonMembers members(*json, "the act");
  members.Constant("schema", kActSchema);
  const std::string name = members.Text("act");
  AgreementAct act;
  act.agreement = members.Text("agreement");
  const int64_t version = members.Integer("version");
  act.digest = members.Text("digest");
  act.agency = members.Text("agency");
  act.reason = members.Text("reason");
  act.lifts = members.Text("lifts");
  const int64_t notice = members.Integer("notice_days");
  const int64_t signed_ms = members.Integer("signed_ms");
  if (absl::Status read = members.Finish(); !read.ok()) return read;
  const auto* kind =
      std::find(std::begin(kActNames), std::end(kActNames), name);
  if (kind == std::end(kActNames)) return WrongAct("is of no known kind");
  act.kind = ActKind(kind - std::begin(kActNames));
  if (version > std::numeric_limits<uint32_t>::max() ||
      notice > kMaxNoticeDays) {
    return WrongAct("has a number that is too large");
  }
  act.version = static_cast<uint32_t>(version);
  act.notice_days = static_cast<uint32_t>(notice);
  act.signed_at = absl::FromUnixMillis(signed_ms);
  if (absl::Status checked = CheckAct(act); !checked.ok()) return checked;
  return act;
}

crypto::Hash AgreementActDigest(absl::Span<const uint8_t> payload) {
  return crypto::Sha256(payload);
}

absl::StatusOr<SignedAct> VerifyAgreementAct(const crypto::Envelope& envelope,
                                             absl::string_view root_spki) {
  if (envelope.payload_type != kAgreementActType) {
    return absl::InvalidArgumentError("the envelope holds no act");
  }
  if (envelope.signatures.size() != 1) {
    return absl::InvalidArgumentError("an act carries exactly one signature");
  }
  absl::StatusOr<AgreementAct> act = ParseAgreementAct(envelope.payload);
  if (!act.ok()) return act.status();
  absl::StatusOr<Signer> signer =
      VerifySignatory(envelope, 0, act->agency, root_spki, act->signed_at);
  if (!signer.ok()) return signer.status();
  return SignedAct{*std::move(act), *std::move(signer),
                   crypto::ToHex(AgreementActDigest(envelope.payload))};
}

}  // namespace entente::certs
