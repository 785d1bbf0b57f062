#include "client/command_agreement_sign.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/signed_document.h"
#include "client/connected.h"
#include "client/listed_agreements.h"
#include "client/proposal.h"
#include "client/shown_change.h"
#include "client/verified_document.h"
#include "policy/check.h"
#include "policy/diff_words.h"
#include "policy/plain_words.h"

namespace entente::client {
namespace {

struct SignOptions {
  std::string agreement;
  uint64_t version = 0;
  std::string digest;
};

std::vector<Value> Lines(
    const google::protobuf::RepeatedPtrField<std::string>& lines) {
  return std::vector<Value>(lines.begin(), lines.end());
}

absl::Status Propose(Session& session, const std::string& file) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxDocumentBytes);
  if (!text.ok()) return text.status();
  const policy::CheckResult checked = policy::Check(file, *text);
  if (!checked.ok()) {
    return ToStatus({.what = absl::StrCat(file, " is no valid agreement"),
                     .why = checked.report,
                     .next = absl::StrCat("entente agreement check ", file),
                     .code = "AGREEMENT_INVALID"});
  }
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto record = ProposeDocument(*connected, *checked.agreement,
                                      checked.canonical, checked.digest);
  if (!record.ok()) return record.status();
  session.out().Print(*record);
  return absl::OkStatus();
}

// Whether the person in front, or the script's author, agrees to exactly this
// document.
absl::Status Agree(Session& session, const VerifiedDocument& document,
                   const std::string& digest) {
  const std::string& id = document.agreement().id;
  if (!digest.empty()) {
    if (digest == document.digest) return absl::OkStatus();
    return ToStatus(
        {.what = "not signed: the document is another one than "
                 "the digest says",
         .why = absl::StrCat("version ", document.version(), " of ", id,
                             " has the digest ", document.digest),
         .next = absl::StrCat("entente agreement show ", id),
         .code = "DIGEST_DIFFERS",
         .exit = ExitCode::kVerificationFailed});
  }
  const absl::StatusOr<std::string> words =
      policy::PlainWordsOfSigned(crypto::AsText(document.bytes));
  if (!words.ok()) return words.status();
  ShowText(session, *words);
  return session.Confirm(
      absl::StrCat("Do you sign version ", document.version(), " of ", id,
                   " as printed above?"),
      "yes",
      absl::StrCat("entente agreement sign ", id, " --digest ",
                   document.digest));
}

// What the version has become, of which only a verified activation is believed.
absl::StatusOr<std::string> StateAfter(const Connected& connected,
                                       const v1::SignAgreementResponse& answer,
                                       const VerifiedDocument& signed_one) {
  const std::string& claimed = answer.state();
  if (claimed != "active") {
    return answer.missing().empty() ? claimed : "proposed";
  }
  const auto after =
      FetchDocument(*connected.link, connected.profile, connected.knowledge(),
                    signed_one.agreement().id, signed_one.version());
  if (!after.ok()) return after.status();
  if (after->activation.has_value() && after->digest == signed_one.digest) {
    return claimed;
  }
  return VerificationError("the broker says active and does not prove it",
                           "the ledger shows no activation of this version");
}

absl::Status Sign(Session& session, const SignOptions& options) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  uint32_t version = static_cast<uint32_t>(options.version);
  if (version == 0) {
    const auto highest = HighestVersion(*connected->link, options.agreement);
    if (!highest.ok()) return highest.status();
    version = *highest;
  }
  const auto document =
      FetchDocument(*connected->link, connected->profile,
                    connected->knowledge(), options.agreement, version);
  if (!document.ok()) return document.status();
  v1::SignAgreementRequest request;
  if (document->version() > 1) {
    const auto base =
        FetchDiffBase(*connected, options.agreement, document->version());
    if (!base.ok()) return base.status();
    ShowChange(session, base->agreement(), document->agreement());
    const crypto::Hash shown =
        policy::DiffDigest(base->agreement(), document->agreement());
    request.set_diff_base(base->version());
    request.set_diff_digest(shown.data(), shown.size());
  }
  if (absl::Status agreed = Agree(session, *document, options.digest);
      !agreed.ok()) {
    return agreed;
  }
  const auto envelope =
      SignAs(*connected, certs::kAgreementType, document->bytes);
  if (!envelope.ok()) return envelope.status();
  request.set_agreement(options.agreement);
  request.set_version(document->version());
  request.set_envelope(crypto::PrintEnvelope(*envelope));
  const auto response = Call(connected->link->agreements(),
                             &v1::Agreements::Stub::SignAgreement, request);
  if (!response.ok()) return response.status();
  const auto receipt =
      CheckReceiptOf(connected->profile, response->receipt(),
                     policy::EntryKind::kAgreementSigned, options.agreement,
                     document->version(), document->digest);
  if (!receipt.ok()) return receipt.status();
  const auto state = StateAfter(*connected, *response, *document);
  if (!state.ok()) {
    return Annotate(state.status(), "signed, but the state is not proven");
  }
  session.out().Print({{"agreement", options.agreement},
                       {"version", document->agreement().version},
                       {"digest", document->digest},
                       {"state", *state},
                       {"missing", Lines(response->missing())},
                       {"ledger", response->receipt().ledger()},
                       {"entry", receipt->index}});
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementPropose(Command& agreement) {
  auto file = std::make_shared<std::string>();
  agreement
      .Sub("propose", "Puts a document before its parties; signs nothing",
           "entente agreement propose agreement.yaml")
      .Positional("FILE", "The document in YAML, or -", file.get())
      .Does(Effect::kMutates, Prints::kOne,
            [file](Session& session) { return Propose(session, *file); });
}

void RegisterAgreementSign(Command& agreement) {
  auto options = std::make_shared<SignOptions>();
  SignOptions* o = options.get();
  agreement
      .Sub("sign",
           "Shows what a version says and changes, asks, and signs your line",
           "entente agreement sign isa-burglary-2026")
      .Positional("ID", "The agreement", &o->agreement)
      .Number("--version", "N", "The version; the newest if not said",
              &o->version, 1, kMaxVersion)
      .Option("--digest", "HEX",
              "Sign without a question, if the document has this digest",
              &o->digest)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Sign(session, *options); });
}

}  // namespace entente::client
