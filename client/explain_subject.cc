#include "client/explain_subject.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/connected.h"
#include "client/document_files.h"
#include "client/listed_agreements.h"
#include "client/verified_agreement.h"
#include "crypto/hex.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

Record NamesOf(const policy::CompiledAgreement& agreement) {
  return {{"agreement", agreement.document().id},
          {"version", agreement.document().version},
          {"digest", crypto::ToHex(agreement.digest())}};
}

// A version that was activated, is inside its time and is not called active by
// the broker was ended or superseded. Nothing shows that here but its word,
// and what it will refuse must not be called allowed.
bool BrokerCallsItOver(const VerifiedDocument& document, absl::Time now) {
  return document.activation.has_value() && document.state != "active" &&
         document.state != "suspended" && now < document.compiled->until();
}

// What of `document` can be verified, with the manifest if it has one.
struct Grounds {
  std::shared_ptr<const policy::Register> reg;
  std::string manifest;
};

absl::StatusOr<Grounds> GroundsOf(const Connected& connected,
                                  const VerifiedDocument& document,
                                  absl::Time now) {
  const std::string& agreement = document.agreement().id;
  Grounds grounds;
  if (document.activation.has_value()) {
    const auto verified =
        FetchVerified(*connected.link, connected.profile, connected.knowledge(),
                      agreement, document.version());
    if (!verified.ok()) return verified.status();
    grounds = {verified->reg, verified->manifest_digest};
  } else {
    auto reg = FetchRegister(*connected.link, connected.profile,
                             connected.knowledge(), document);
    if (!reg.ok()) return reg.status();
    grounds.reg = *std::move(reg);
  }
  if (BrokerCallsItOver(document, now)) {
    policy::AgreementRecord record = *grounds.reg->Find(agreement);
    record.terminated = true;
    grounds.reg = grounds.reg->With(std::move(record));
  }
  return grounds;
}

Record Describe(const VerifiedDocument& document, const std::string& manifest) {
  Record record = NamesOf(*document.compiled);
  record.emplace_back("verified", document.activation.has_value());
  std::vector<Value> signatures;
  for (const SignedLine& line : document.signatures) {
    signatures.emplace_back(Record{{"party", line.party},
                                   {"role", line.role},
                                   {"name", line.name},
                                   {"certificate", line.fingerprint}});
  }
  record.emplace_back("signatures", std::move(signatures));
  record.emplace_back("missing", ListOf(document.missing));
  if (document.activation.has_value()) {
    record.emplace_back("activation_entry", document.activation->index);
    record.emplace_back("manifest", manifest);
  }
  record.emplace_back("broker_says", document.state);
  return record;
}

absl::StatusOr<VerifiedDocument> Fetch(const Connected& connected,
                                       const std::string& agreement) {
  return FetchDocument(*connected.link, connected.profile,
                       connected.knowledge(), agreement, 0);
}

absl::StatusOr<ExplainSubject> SubjectOf(const Connected& connected,
                                         const VerifiedDocument& document,
                                         absl::Time now) {
  absl::StatusOr<Grounds> grounds = GroundsOf(connected, document, now);
  if (!grounds.ok()) return grounds.status();
  ExplainSubject subject;
  subject.agreement = document.compiled;
  subject.reg = std::move(grounds->reg);
  subject.words = VerificationInWords(document, grounds->manifest);
  subject.record = Describe(document, grounds->manifest);
  return subject;
}

}  // namespace

absl::StatusOr<ExplainSubject> SubjectOfFiles(
    Session& session, const std::vector<std::string>& files) {
  ExplainSubject subject;
  std::vector<policy::AgreementRecord> records;
  for (const std::string& file : files) {
    const absl::StatusOr<Document> document = ReadDocument(session, file);
    if (!document.ok()) return document.status();
    const auto compiled = CompiledOf(*document);
    if (!compiled.ok()) return compiled.status();
    if (subject.agreement == nullptr) subject.agreement = *compiled;
    policy::AgreementRecord record;
    record.id = (*compiled)->document().id;
    record.versions[(*compiled)->document().version] = {
        .agreement = *compiled, .missing = {}, .activated = true};
    records.push_back(std::move(record));
  }
  subject.reg = policy::Register::Create(std::move(records));
  policy::TextPage page;
  page.Line(0, absl::StrCat("Read from ", absl::StrJoin(files, ", "),
                            " as if signed and activated. No signature was "
                            "looked for."));
  subject.words = page.text();
  subject.record = NamesOf(*subject.agreement);
  subject.record.emplace_back("verified", false);
  subject.record.emplace_back("files",
                              std::vector<Value>(files.begin(), files.end()));
  return subject;
}

std::string VerificationInWords(const VerifiedDocument& document,
                                const std::string& manifest) {
  policy::TextPage page;
  page.Line(0, "How this version was verified, here and not by the broker:");
  page.Item(0, absl::StrCat("its digest is ", document.digest));
  for (const SignedLine& line : document.signatures) {
    page.Item(0, absl::StrCat("signed by ", line.party, ": ", line.name, ", ",
                              line.role, ", whose certificate is under the ",
                              "root that the agreement names"));
  }
  for (const std::string& line : document.missing) {
    page.Item(0, absl::StrCat("not signed by ", line));
  }
  if (!document.activation.has_value()) {
    page.Item(0, "no entry of a ledger says that it was activated");
    return page.text();
  }
  page.Item(0, absl::StrCat("activated by entry ", document.activation->index,
                            " of its ledger, under the ledger key of the "
                            "profile"));
  if (!manifest.empty()) {
    page.Item(0, absl::StrCat("its keys are those of manifest ", manifest,
                              ", each endorsed by its agency's signatory"));
  }
  for (const VerifiedAct& act : document.acts) {
    page.Item(0, absl::StrCat(InWords(act), ", entry ", act.entry,
                              ", signed by them"));
  }
  page.Line(0, absl::StrCat("The broker's word alone: it calls the version ",
                            document.state, ", and shows no other suspension ",
                            "or withdrawal."));
  return page.text();
}

absl::StatusOr<ExplainSubject> SubjectAtBroker(Session& session,
                                               const std::string& agreement) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto document = Fetch(*connected, agreement);
  if (!document.ok()) return document.status();
  return SubjectOf(*connected, *document, session.Now());
}

absl::StatusOr<std::vector<ExplainSubject>> SubjectsBetween(
    Session& session, const std::string& one, const std::string& other) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto listed = ListAgreements(*connected->link);
  if (!listed.ok()) return listed.status();
  std::vector<ExplainSubject> subjects;
  for (const v1::ListedAgreement& line : *listed) {
    const auto document = Fetch(*connected, line.agreement());
    if (!document.ok()) return document.status();
    if (!document->compiled->IsParty(one) ||
        !document->compiled->IsParty(other)) {
      continue;
    }
    absl::StatusOr<ExplainSubject> subject =
        SubjectOf(*connected, *document, session.Now());
    if (!subject.ok()) return subject.status();
    subjects.push_back(*std::move(subject));
  }
  return subjects;
}

}  // namespace entente::client
