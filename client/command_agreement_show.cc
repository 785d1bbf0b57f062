#include "client/command_agreement_show.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/connected.h"
#include "client/listed_agreements.h"
#include "client/verified_agreement.h"
#include "client/verified_document.h"
#include "client/verified_grant.h"
#include "policy/plain_words.h"
#include "policy/yaml_writer.h"

namespace entente::client {
namespace {

constexpr absl::string_view kForms =
    "words; yaml; next: the next version, to be edited, with its number and "
    "its previous; json: the bytes that were signed";

struct ShowOptions {
  std::string agreement;
  uint64_t version = 0;
  std::string as;
};

absl::StatusOr<std::string> TextOf(const VerifiedDocument& document,
                                   const std::string& as) {
  if (as == "json") return std::string(crypto::AsText(document.bytes));
  if (as == "next") return policy::YamlOfNext(crypto::AsText(document.bytes));
  if (as == "yaml") return policy::YamlOfSigned(crypto::AsText(document.bytes));
  return policy::PlainWordsOfSigned(crypto::AsText(document.bytes));
}

Record Describe(const VerifiedDocument& document) {
  std::vector<Value> acts;
  for (const VerifiedAct& act : document.acts) acts.emplace_back(ToRecord(act));
  std::vector<Value> glass;
  for (const v1::BreakGlassNotice& notice : document.break_glass) {
    glass.emplace_back(ToRecord(notice));
  }
  std::vector<Value> signatures;
  for (const SignedLine& line : document.signatures) {
    signatures.emplace_back(Record{{"party", line.party},
                                   {"role", line.role},
                                   {"name", line.name},
                                   {"certificate", line.fingerprint}});
  }
  return {{"agreement", document.agreement().id},
          {"version", document.agreement().version},
          {"title", document.agreement().title},
          {"digest", document.digest},
          {"state", StateOf(document, absl::Now())},
          {"verified", document.activation.has_value()},
          {"signatures", std::move(signatures)},
          {"missing", std::vector<Value>(document.missing.begin(),
                                         document.missing.end())},
          {"acts", std::move(acts)},
          {"break_glass", std::move(glass)}};
}

absl::Status CheckForm(const ShowOptions& options) {
  const std::vector<std::string> forms = {"", "words", "yaml", "next", "json"};
  if (std::find(forms.begin(), forms.end(), options.as) == forms.end()) {
    return UsageError(absl::StrCat("--as: no form \"", options.as, "\""),
                      kForms);
  }
  if (options.as == "next" && options.version != 0) {
    return UsageError("--as next follows the newest version",
                      "leave --version out");
  }
  return absl::OkStatus();
}

// The next version follows the highest there is, in force or not.
absl::StatusOr<VerifiedDocument> FetchShown(const Connected& connected,
                                            const ShowOptions& options) {
  uint32_t version = static_cast<uint32_t>(options.version);
  if (options.as == "next") {
    const auto highest = HighestVersion(*connected.link, options.agreement);
    if (!highest.ok()) return highest.status();
    version = *highest;
  }
  return FetchDocument(*connected.link, connected.profile,
                       connected.knowledge(), options.agreement, version);
}

absl::Status Show(Session& session, const ShowOptions& options) {
  if (absl::Status known = CheckForm(options); !known.ok()) return known;
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = FetchShown(*connected, options);
  if (!document.ok()) return document.status();
  Record record = Describe(*document);
  if (document->activation.has_value()) {
    // Also the keys: then nothing that is used rests on the broker's word.
    const auto verified = FetchVerified(*connected->link, connected->profile,
                                        connected->knowledge(),
                                        options.agreement, document->version());
    if (!verified.ok()) return verified.status();
    record.emplace_back("manifest", verified->manifest_digest);
    record.emplace_back("activation_entry", document->activation->index);
  }
  for (const v1::BreakGlassNotice& notice : document->break_glass) {
    session.out().Say(
        absl::StrCat("note: ", options.agreement, ": ", NoticeInWords(notice)));
  }
  if (options.as.empty()) {
    session.out().Print(record);
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> text = TextOf(*document, options.as);
  if (!text.ok()) return text.status();
  if (session.out().for_people()) {
    session.out().PrintText(*text);
    return absl::OkStatus();
  }
  record.emplace_back("text", *text);
  session.out().Print(record);
  return absl::OkStatus();
}

// `open, report_due`; empty if there is nothing to tell.
std::string GlassStates(const v1::ListedAgreement& one) {
  std::vector<std::string> states;
  for (const v1::BreakGlassNotice& notice : one.break_glass()) {
    states.push_back(notice.state());
  }
  return absl::StrJoin(states, ", ");
}

absl::Status List(Session& session) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto listed = ListAgreements(*connected->link);
  if (!listed.ok()) return listed.status();
  std::vector<Record> rows;
  for (const v1::ListedAgreement& one : *listed) {
    rows.push_back({{"agreement", one.agreement()},
                    {"version", int64_t{one.version()}},
                    {"state", one.state()},
                    {"from", TimeText(one.from_time())},
                    {"until", TimeText(one.until_time())},
                    {"title", one.title()},
                    {"digest", crypto::ToHex(crypto::AsBytes(one.digest()))},
                    {"break_glass", GlassStates(one)}});
    for (const v1::BreakGlassNotice& notice : one.break_glass()) {
      session.out().Say(
          absl::StrCat("note: ", one.agreement(), ": ", NoticeInWords(notice)));
    }
  }
  session.out().PrintList("agreements",
                          {"agreement", "version", "state", "from", "until",
                           "title", "digest", "break_glass"},
                          rows);
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementShow(Command& agreement) {
  auto options = std::make_shared<ShowOptions>();
  ShowOptions* o = options.get();
  agreement
      .Sub("show", "One version, verified here, with who signed it",
           "entente agreement show isa-burglary-2026 --as words")
      .Positional("ID", "The agreement", &o->agreement)
      .Number("--version", "N", "The version; the one in force if not said",
              &o->version, 1, kMaxVersion)
      .Option("--as", "FORM", kForms, &o->as)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Show(session, *options); });
}

void RegisterAgreementList(Command& agreement) {
  agreement
      .Sub("list", "Your agency's agreements, as the broker lists them",
           "entente agreement list")
      .Does(Effect::kReads, Prints::kList, List);
}

}  // namespace entente::client
