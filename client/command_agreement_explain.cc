#include "client/command_agreement_explain.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/error.h"
#include "client/explain_answer.h"
#include "client/explain_question.h"
#include "client/explain_subject.h"
#include "policy/clause_words.h"
#include "policy/decide.h"
#include "policy/explain.h"
#include "policy/text_page.h"

namespace entente::client {
namespace {

struct ExplainOptions {
  std::string agreement;
  std::vector<std::string> files;
  ExplainQuestion question;
  std::string at;
};

// What one agreement says.
struct Answer {
  ExplainSubject subject;
  policy::Request request;
  policy::Decision decision;
};

Answer AnswerOf(ExplainSubject subject, policy::Request asked, absl::Time at) {
  Answer answer;
  asked.agreement = subject.agreement->document().id;
  answer.request =
      policy::CompleteRequest(*subject.agreement, std::move(asked));
  answer.decision = policy::Decide(*subject.reg, at, answer.request);
  answer.subject = std::move(subject);
  return answer;
}

std::string InWords(const Answer& answer) {
  return absl::StrCat(policy::Explain(answer.request, answer.decision), "\n",
                      answer.subject.words);
}

Record Describe(const Answer& answer, absl::Time at) {
  Record record = DescribeAnswer(answer.request, answer.decision, at);
  const Record& subject = answer.subject.record;
  record.insert(record.end(), subject.begin(), subject.end());
  return record;
}

absl::Status ExplainOne(Session& session, const ExplainOptions& options,
                        const policy::Request& asked, absl::Time at) {
  absl::StatusOr<ExplainSubject> subject =
      options.files.empty() ? SubjectAtBroker(session, options.agreement)
                            : SubjectOfFiles(session, options.files);
  if (!subject.ok()) return subject.status();
  const Answer answer = AnswerOf(*std::move(subject), asked, at);
  if (session.out().for_people()) {
    session.out().PrintText(InWords(answer));
  } else {
    session.out().Print(Describe(answer, at));
  }
  if (answer.decision.allowed()) return absl::OkStatus();
  return NotAllowed(answer.decision);
}

// That which says yes first, then that of which the least is in the way.
bool IsNearer(const Answer& a, const Answer& b) {
  return a.decision.failures.size() < b.decision.failures.size();
}

absl::Status NoAgreement(const policy::Request& asked) {
  return ToStatus(
      {.what = absl::StrCat("no agreement names both ", asked.sender, " and ",
                            asked.recipient),
       .why = "of those that the broker lists for your agency; what others "
              "have agreed it does not say",
       .next = "entente agreement list; make one with entente agreement new",
       .code = "NO_AGREEMENT",
       .exit = ExitCode::kRefused});
}

std::string FirstLine(const std::vector<std::string>& allowing, size_t asked) {
  policy::TextPage page;
  if (allowing.empty()) {
    page.Line(0, absl::StrCat(
                     "No, under none of the agreements of both: ", asked, "."));
  } else {
    page.Line(0, absl::StrCat("Yes, under ", policy::AndList(allowing),
                              ". A request names one agreement, and the terms "
                              "of that one hold."));
  }
  return page.text();
}

absl::Status ExplainAll(Session& session, const policy::Request& asked,
                        absl::Time at) {
  absl::StatusOr<std::vector<ExplainSubject>> subjects =
      SubjectsBetween(session, asked.sender, asked.recipient);
  if (!subjects.ok()) return subjects.status();
  if (subjects->empty()) return NoAgreement(asked);
  std::vector<Answer> answers;
  for (ExplainSubject& subject : *subjects) {
    answers.push_back(AnswerOf(std::move(subject), asked, at));
  }
  std::stable_sort(answers.begin(), answers.end(), IsNearer);
  std::vector<std::string> allowing;
  std::vector<std::string> texts;
  std::vector<Value> records;
  for (const Answer& answer : answers) {
    if (answer.decision.allowed()) {
      allowing.push_back(answer.request.agreement);
    }
    texts.push_back(InWords(answer));
    records.emplace_back(Describe(answer, at));
  }
  if (session.out().for_people()) {
    session.out().PrintText(absl::StrCat(FirstLine(allowing, answers.size()),
                                         "\n", absl::StrJoin(texts, "\n")));
  } else {
    session.out().Print({{"allowed", !allowing.empty()},
                         {"allowed_under", ListOf(allowing)},
                         {"answers", std::move(records)}});
  }
  if (!allowing.empty()) return absl::OkStatus();
  return NotAllowed(answers.front().decision,
                    absl::StrCat("no agreement of ", asked.sender, " and ",
                                 asked.recipient, " allows this"));
}

absl::Status Explain(Session& session, const ExplainOptions& options) {
  const bool named = !options.agreement.empty();
  if (named && !options.files.empty()) {
    return UsageError("which agreement?",
                      "name its id for the one at the broker, or --file FILE "
                      "for a document, and not both");
  }
  const absl::StatusOr<absl::Time> at = InstantOf(options.at, session.Now());
  if (!at.ok()) return at.status();
  const absl::StatusOr<policy::Request> asked = RequestOf(options.question);
  if (!asked.ok()) return asked.status();
  return named || !options.files.empty()
             ? ExplainOne(session, options, *asked, *at)
             : ExplainAll(session, *asked, *at);
}

}  // namespace

void RegisterAgreementExplain(Command& agreement) {
  auto options = std::make_shared<ExplainOptions>();
  Command command =
      agreement
          .Sub("explain", "May I share this? By which agreement, and why not",
               "entente agreement explain --from wessex --to mercia "
               "--purpose crime-analysis --dataset crimes")
          .OptionalPositional("ID",
                              "The agreement at the broker, verified here; "
                              "without it, every one that names both agencies",
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
