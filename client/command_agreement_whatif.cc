#include "client/command_agreement_whatif.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/document_files.h"
#include "client/explain_answer.h"
#include "client/explain_question.h"
#include "client/explain_subject.h"
#include "policy/answer_changes.h"
#include "policy/decide.h"
#include "policy/explain.h"
#include "policy/overarching.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

struct WhatifOptions {
  std::string agreement;
  std::vector<std::string> files;
  std::vector<std::string> drafts;
  ExplainQuestion question;
  std::string at;
};

// A question with its answer.
struct Answered {
  policy::Request request;
  policy::Decision decision;
  absl::Time at;
};

// What is asked about: which agreement, in which register.
struct Ground {
  Compiled agreement;
  std::shared_ptr<const policy::Register> reg;
};

Answered AnswerOn(const Ground& ground, absl::Time at, policy::Request asked) {
  asked.agreement = ground.agreement->document().id;
  Answered answered;
  answered.request =
      policy::CompleteRequest(*ground.agreement, std::move(asked));
  answered.decision = policy::Decide(*ground.reg, at, answered.request);
  answered.at = at;
  return answered;
}

// As if signed and activated.
policy::AgreementRecord RecordOf(const Compiled& agreement) {
  policy::AgreementRecord record;
  record.id = agreement->document().id;
  record.versions[agreement->document().version] = {
      .agreement = agreement, .missing = {}, .activated = true};
  return record;
}

// Whether `id` is above `agreement` in `reg`.
bool IsAbove(const policy::Register& reg, const std::string& id,
             const policy::CompiledAgreement& agreement) {
  std::string under = agreement.document().under;
  for (int tier = 0; tier < policy::kMaxTiers && !under.empty(); ++tier) {
    if (under == id) return true;
    const policy::AgreementRecord* record = reg.Find(under);
    if (record == nullptr || record->versions.empty()) return false;
    under = record->versions.rbegin()->second.agreement->document().under;
  }
  return false;
}

// `today` with the drafts in place of their namesakes, or beside the others.
// What is asked is the draft with the id of what is asked today; without one,
// the same agreement if a draft is above it, and else the first draft.
Ground WithDrafts(const Ground& today, const std::vector<Compiled>& drafts) {
  Ground ground = today;
  for (const Compiled& draft : drafts) {
    ground.reg = ground.reg->With(RecordOf(draft));
  }
  if (drafts.empty()) return ground;
  bool above = false;
  for (const Compiled& draft : drafts) {
    const std::string& id = draft->document().id;
    if (id == today.agreement->document().id) {
      ground.agreement = draft;
      return ground;
    }
    above = above || IsAbove(*ground.reg, id, *today.agreement);
  }
  if (!above) ground.agreement = drafts.front();
  return ground;
}

absl::StatusOr<std::vector<Compiled>> ReadDrafts(
    Session& session, const std::vector<std::string>& files) {
  std::vector<Compiled> drafts;
  for (const std::string& file : files) {
    const absl::StatusOr<Document> document = ReadDocument(session, file);
    if (!document.ok()) return document.status();
    absl::StatusOr<Compiled> draft = CompiledOf(*document);
    if (!draft.ok()) return draft.status();
    drafts.push_back(*std::move(draft));
  }
  return drafts;
}

void Print(Output& out, const ExplainSubject& subject, const Answered& today,
           const Answered& then) {
  const std::vector<std::string> changes =
      policy::AnswerChanges(today.decision, then.decision);
  if (!out.for_people()) {
    out.Print(
        {{"allowed", then.decision.allowed()},
         {"changed", !changes.empty()},
         {"changes", std::vector<Value>(changes.begin(), changes.end())},
         {"today", DescribeAnswer(today.request, today.decision, today.at)},
         {"then", DescribeAnswer(then.request, then.decision, then.at)},
         {"grounds", subject.record}});
    return;
  }
  policy::TextPage page;
  page.Heading("What changes against today's answer");
  if (changes.empty()) page.Line(0, "Nothing.");
  for (const std::string& change : changes) page.Item(0, change);
  out.PrintText(absl::StrCat(
      "TODAY\n\n", policy::Explain(today.request, today.decision),
      "\nWHAT IF\n\n", policy::Explain(then.request, then.decision),
      page.text(), "\n", subject.words));
}

absl::Status CheckOptions(const WhatifOptions& options) {
  if (!options.agreement.empty() && !options.files.empty()) {
    return UsageError("which agreement?",
                      "name its id for the one at the broker, or --file FILE "
                      "for a document, and not both");
  }
  if (options.agreement.empty() && options.files.empty()) {
    return UsageError("what is it compared with?",
                      "name the agreement's id, or --file FILE; without "
                      "either, entente agreement explain --file DRAFT");
  }
  if (options.drafts.empty() && options.at.empty()) {
    return UsageError("what if what?", "say --draft FILE, or --at TIME");
  }
  return absl::OkStatus();
}

absl::Status Whatif(Session& session, const WhatifOptions& options) {
  if (absl::Status ok = CheckOptions(options); !ok.ok()) return ok;
  const absl::Time now = session.Now();
  const absl::StatusOr<absl::Time> at = InstantOf(options.at, now);
  if (!at.ok()) return at.status();
  const absl::StatusOr<policy::Request> asked = RequestOf(options.question);
  if (!asked.ok()) return asked.status();
  const auto drafts = ReadDrafts(session, options.drafts);
  if (!drafts.ok()) return drafts.status();
  const absl::StatusOr<ExplainSubject> subject =
      options.files.empty() ? SubjectAtBroker(session, options.agreement)
                            : SubjectOfFiles(session, options.files);
  if (!subject.ok()) return subject.status();
  const Ground ground = {subject->agreement, subject->reg};
  const Answered today = AnswerOn(ground, now, *asked);
  const Answered then = AnswerOn(WithDrafts(ground, *drafts), *at, *asked);
  Print(session.out(), *subject, today, then);
  return then.decision.allowed() ? absl::OkStatus() : NotAllowed(then.decision);
}

}  // namespace

void RegisterAgreementWhatif(Command& agreement) {
  auto options = std::make_shared<WhatifOptions>();
  Command command =
      agreement
          .Sub("whatif",
               "What explain would answer with a draft, or on a date, and what "
               "changes against today",
               "entente agreement whatif isa-burglary-2026 --draft v2.yaml "
               "--from wessex --to mercia --purpose crime-analysis "
               "--dataset crimes")
          .OptionalPositional("ID",
                              "The agreement at the broker, verified here",
                              &options->agreement)
          .Repeated("--file", "FILE",
                    "Instead, a document as if it were signed; then the "
                    "overarching ones it stands under",
                    &options->files)
          .Repeated("--draft", "FILE",
                    "A document as if it were signed, in place of the one with "
                    "its id, or beside the others",
                    &options->drafts);
  DeclareQuestion(command, &options->question);
  command.Option("--at", "TIME", "When; now if not said", &options->at)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Whatif(session, *options); });
}

}  // namespace entente::client
