#include "client/command_agreement_explain.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/explain_answer.h"
#include "client/explain_question.h"
#include "client/explain_subject.h"
#include "policy/decide.h"
#include "policy/explain.h"

namespace entente::client {
namespace {

struct ExplainOptions {
  std::string agreement;
  std::vector<std::string> files;
  ExplainQuestion question;
  std::string at;
};

void Answer(Output& out, const ExplainSubject& subject, absl::Time at,
            const policy::Request& request, const policy::Decision& decision) {
  if (out.for_people()) {
    out.PrintText(
        absl::StrCat(policy::Explain(request, decision), "\n", subject.words));
    return;
  }
  Record record = DescribeAnswer(request, decision, at);
  record.insert(record.end(), subject.record.begin(), subject.record.end());
  out.Print(record);
}

absl::Status Explain(Session& session, const ExplainOptions& options) {
  if (options.agreement.empty() == options.files.empty()) {
    return UsageError("which agreement?",
                      "name its id for the one at the broker, or --file FILE "
                      "for a document, and not both");
  }
  const absl::StatusOr<absl::Time> at = InstantOf(options.at, session.Now());
  if (!at.ok()) return at.status();
  absl::StatusOr<policy::Request> asked = RequestOf(options.question);
  if (!asked.ok()) return asked.status();
  const absl::StatusOr<ExplainSubject> subject =
      options.files.empty() ? SubjectAtBroker(session, options.agreement)
                            : SubjectOfFiles(session, options.files);
  if (!subject.ok()) return subject.status();
  asked->agreement = subject->agreement->document().id;
  const policy::Request request =
      policy::CompleteRequest(*subject->agreement, *std::move(asked));
  const policy::Decision decision = policy::Decide(*subject->reg, *at, request);
  Answer(session.out(), *subject, *at, request, decision);
  if (decision.allowed()) return absl::OkStatus();
  return NotAllowed(decision);
}

}  // namespace

void RegisterAgreementExplain(Command& agreement) {
  auto options = std::make_shared<ExplainOptions>();
  Command command =
      agreement
          .Sub("explain", "Whether an agreement would allow something, and why",
               "entente agreement explain isa-burglary-2026 --from wessex "
               "--to mercia --purpose crime-analysis --dataset crimes")
          .OptionalPositional("ID",
                              "The agreement at the broker, verified here",
                              &options->agreement)
          .Repeated("--file", "FILE",
                    "Instead, a document as if it were signed; then the "
                    "overarching ones it stands under",
                    &options->files);
  DeclareQuestion(command, &options->question);
  command.Option("--at", "TIME", "When; now if not said", &options->at)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Explain(session, *options); });
}

}  // namespace entente::client
