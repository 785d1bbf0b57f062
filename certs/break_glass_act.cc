#include "certs/break_glass_act.h"

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

constexpr absl::string_view kGlassSchema = "entente/break-glass-act/v1";
// What is asked for: a release, or a drill.
constexpr absl::string_view kRelease = "release";
constexpr absl::string_view kDrill = "drill";

// Indexed by GlassActKind.
constexpr absl::string_view kGlassNames[] = {"ask", "approve", "close",
                                             "report"};
static_assert(std::size(kGlassNames) == size_t(GlassActKind::kReport) + 1);

absl::Status WrongGlass(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the act ", what));
}

bool IsHash(absl::string_view text) {
  const auto bytes = crypto::FromHex(text);
  return bytes.ok() && bytes->size() == 32;
}

bool IsOneLine(absl::string_view text, size_t least, size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

absl::Status CheckWords(const BreakGlassAct& act) {
  const bool report = act.kind == GlassActKind::kReport;
  const size_t least = report ? kMinGlassReportBytes : kMinGlassWordsBytes;
  const size_t most = report ? kMaxGlassReportBytes : kMaxGlassWordsBytes;
  if (act.kind == GlassActKind::kApprove && act.words.empty()) {
    return absl::OkStatus();
  }
  if (IsOneLine(act.words, least, most)) return absl::OkStatus();
  return WrongGlass(absl::StrCat("has no words in one line of ", least, " to ",
                                 most, " bytes"));
}

absl::Status CheckAsked(const BreakGlassAct& act) {
  if (act.flow.empty() || act.sender.empty() || act.recipient.empty() ||
      act.purpose.empty()) {
    return WrongGlass("names no flow, sender, recipient or purpose");
  }
  if (!IsOneLine(act.case_reference, 1, kMaxCaseReferenceBytes)) {
    return WrongGlass(absl::StrCat("has no case reference in one line of 1 to ",
                                   kMaxCaseReferenceBytes, " bytes"));
  }
  if (act.fields.empty() || act.fields.size() > kMaxGlassFields) {
    return WrongGlass(
        absl::StrCat("names no fields, or more than ", kMaxGlassFields));
  }
  for (size_t i = 0; i < act.fields.size(); ++i) {
    if (act.fields[i].empty() ||
        (i > 0 && act.fields[i] <= act.fields[i - 1])) {
      return WrongGlass("does not name its fields in order, each once");
    }
  }
  if (act.minutes < 1 || act.minutes > kMaxGlassMinutes) {
    return WrongGlass(
        absl::StrCat("is not for 1 to ", kMaxGlassMinutes, " minutes"));
  }
  if (!IsHash(act.nonce)) return WrongGlass("has no nonce");
  return absl::OkStatus();
}

bool AsksNothing(const BreakGlassAct& act) {
  return act.flow.empty() && act.sender.empty() && act.recipient.empty() &&
         act.purpose.empty() && act.case_reference.empty() &&
         act.fields.empty() && act.minutes == 0 && !act.drill &&
         act.nonce.empty();
}

absl::Status CheckGlassAct(const BreakGlassAct& act) {
  if (act.agreement.empty() || act.agency.empty()) {
    return WrongGlass("names no agreement, or no agency");
  }
  if (act.version == 0) return WrongGlass("names no version");
  if (!IsHash(act.digest)) return WrongGlass("has no digest of the version");
  if (absl::Status words = CheckWords(act); !words.ok()) return words;
  if (absl::FromUnixMillis(absl::ToUnixMillis(act.signed_at)) !=
          act.signed_at ||
      absl::ToUnixMillis(act.signed_at) < 0) {
    return WrongGlass("was not signed at a whole millisecond since 1970");
  }
  if (act.kind == GlassActKind::kAsk) {
    return act.grant.empty() ? CheckAsked(act)
                             : WrongGlass("asks, and names a grant");
  }
  if (!IsHash(act.grant)) return WrongGlass("names no grant");
  return AsksNothing(act) ? absl::OkStatus()
                          : WrongGlass("asks, and names a grant");
}

// Reads what only `ask` has.
absl::Status ReadAsked(JsonMembers* members, BreakGlassAct* act) {
  act->flow = members->Text("flow");
  act->sender = members->Text("sender");
  act->recipient = members->Text("recipient");
  act->purpose = members->Text("purpose");
  act->case_reference = members->Text("case_reference");
  act->nonce = members->Text("nonce");
  for (const crypto::Json& field : members->Array("fields")) {
    if (!field.is_string()) return WrongGlass("names a field that is no text");
    act->fields.push_back(field.get<std::string>());
  }
  const int64_t minutes = members->Integer("minutes");
  if (minutes > kMaxGlassMinutes) {
    return WrongGlass(
        absl::StrCat("is not for 1 to ", kMaxGlassMinutes, " minutes"));
  }
  act->minutes = static_cast<uint32_t>(minutes);
  const std::string mode = members->Text("mode");
  if (mode != kRelease && mode != kDrill) {
    return WrongGlass("is neither a release nor a drill");
  }
  act->drill = mode == kDrill;
  return absl::OkStatus();
}

}  // namespace

absl::string_view GlassActName(GlassActKind kind) {
  return kGlassNames[size_t(kind)];
}

absl::StatusOr<std::string> PrintBreakGlassAct(const BreakGlassAct& act) {
  if (absl::Status checked = CheckGlassAct(act); !checked.ok()) return checked;
  crypto::Json json = {{"schema", std::string(kGlassSchema)},
                       {"act", std::string(GlassActName(act.kind))},
                       {"agreement", act.agreement},
                       {"version", act.version},
                       {"digest", act.digest},
                       {"agency", act.agency},
                       {"words", act.words},
                       {"signed_ms", absl::ToUnixMillis(act.signed_at)}};
  if (act.kind != GlassActKind::kAsk) {
    json["grant"] = act.grant;
    return crypto::CanonicalJson(json);
  }
  json["flow"] = act.flow;
  json["sender"] = act.sender;
  json["recipient"] = act.recipient;
  json["purpose"] = act.purpose;
  json["case_reference"] = act.case_reference;
  json["fields"] = act.fields;
  json["minutes"] = act.minutes;
  json["mode"] = std::string(act.drill ? kDrill : kRelease);
  json["nonce"] = act.nonce;
  return crypto::CanonicalJson(json);
}

absl::StatusOr<BreakGlassAct> ParseBreakGlassAct(
    absl::Span<const uint8_t> payload) {
  const absl::StatusOr<crypto::Json> json = crypto::ParseCanonicalJson(payload);
  if (!json.ok()) return json.status();
  JsonMembers members(*json, "the act");
  members.Constant("schema", kGlassSchema);
  const std::string name = members.Text("act");
  const auto* kind =
      std::find(std::begin(kGlassNames), std::end(kGlassNames), name);
  if (kind == std::end(kGlassNames)) return WrongGlass("is of no known kind");
  BreakGlassAct act;
  act.kind = GlassActKind(kind - std::begin(kGlassNames));
  act.agreement = members.Text("agreement");
  const int64_t version = members.Integer("version");
  act.digest = members.Text("digest");
  act.agency = members.Text("agency");
  act.words = members.Text("words");
  act.signed_at = absl::FromUnixMillis(members.Integer("signed_ms"));
  if (act.kind != GlassActKind::kAsk) {
    act.grant = members.Text("grant");
  } else if (absl::Status read = ReadAsked(&members, &act); !read.ok()) {
    return read;
  }
  if (absl::Status read = members.Finish(); !read.ok()) return read;
  if (version > std::numeric_limits<uint32_t>::max()) {
    return WrongGlass("has a number that is too large");
  }
  act.version = static_cast<uint32_t>(version);
  if (absl::Status checked = CheckGlassAct(act); !checked.ok()) return checked;
  return act;
}

crypto::Hash BreakGlassActDigest(absl::Span<const uint8_t> payload) {
  return crypto::Sha256(payload);
}

absl::StatusOr<SignedBreakGlassAct> VerifyBreakGlassAct(
    const crypto::Envelope& envelope, absl::string_view root_spki,
    GlassSigner signer) {
  if (envelope.payload_type != kBreakGlassActType) {
    return absl::InvalidArgumentError("the envelope holds no break-glass act");
  }
  if (envelope.signatures.size() != 1) {
    return absl::InvalidArgumentError("an act carries exactly one signature");
  }
  absl::StatusOr<BreakGlassAct> act = ParseBreakGlassAct(envelope.payload);
  if (!act.ok()) return act.status();
  const bool overseer = signer == GlassSigner::kOverseer;
  if (overseer &&
      (act->kind == GlassActKind::kAsk || act->kind == GlassActKind::kClose)) {
    return absl::UnauthenticatedError("an overseer approves and reports only");
  }
  absl::StatusOr<Signer> by =
      overseer
          ? VerifyOverseer(envelope, 0, act->agency, root_spki, act->signed_at)
          : VerifySignatory(envelope, 0, act->agency, root_spki,
                            act->signed_at);
  if (!by.ok()) return by.status();
  return SignedBreakGlassAct{
      *std::move(act), *std::move(by),
      crypto::ToHex(BreakGlassActDigest(envelope.payload))};
}

}  // namespace entente::certs
