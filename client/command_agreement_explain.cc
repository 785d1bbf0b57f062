#include "client/command_agreement_explain.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/explain_question.h"
#include "client/explain_subject.h"
#include "policy/clause_words.h"
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

std::vector<Value> Describe(const std::vector<policy::Failure>& failures) {
  std::vector<Value> reasons;
  for (const policy::Failure& failure : failures) {
    reasons.emplace_back(
        Record{{"code", failure.Code()},
               {"clause", failure.clause},
               {"meaning", policy::InfoOf(failure.reason).meaning},
               {"detail", failure.detail},
               {"remedy", failure.Remedy()}});
  }
  return reasons;
}

std::vector<Value> DescribeFields(const policy::Decision& decision) {
  std::vector<Value> fields;
  for (const policy::FieldAnswer& field : decision.fields) {
    const bool released = field.treatment != nullptr;
    Record record = {{"name", field.name}, {"released", released}};
    if (released) {
      record.emplace_back("treatment",
                          policy::WordOf(field.treatment->transform));
      record.emplace_back("words", policy::TreatmentInWords(*field.treatment));
    }
    fields.emplace_back(std::move(record));
  }
  return fields;
}

void Answer(Output& out, const ExplainSubject& subject, absl::Time at,
            const policy::Request& request, const policy::Decision& decision) {
  const std::string text = policy::Explain(request, decision);
  if (out.for_people()) {
    out.PrintText(absl::StrCat(text, "\n", subject.words));
    return;
  }
  const auto instant = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
  };
  Record record = {{"allowed", decision.allowed()},
                   {"reasons", Describe(decision.failures)},
                   {"fields", DescribeFields(decision)},
                   {"text", text},
                   {"at", instant(at)}};
  if (decision.allowed()) {
    record.emplace_back("flow", decision.flow->id);
    record.emplace_back("good_until", instant(decision.good_until));
  }
  record.insert(record.end(), subject.record.begin(), subject.record.end());
  out.Print(record);
}

absl::Status Explain(Session& session, const ExplainOptions& options) {
  if (options.agreement.empty() == options.files.empty()) {
    return UsageError("which agreement?",
                      "name its id for the one at the broker, or --file FILE "
                      "for a document, and not both");
  }
  const absl::StatusOr<absl::Time> at = InstantOf(options.at, absl::Now());
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
  return ToStatus({.what = "the agreement does not allow this",
                   .why = "every reason is named above",
                   .next = decision.failures.front().Remedy(),
                   .code = decision.failures.front().Code(),
                   .exit = ExitCode::kRefused});
}

}  // namespace

void RegisterAgreementExplain(Command& agreement) {
  auto options = std::make_shared<ExplainOptions>();
  ExplainOptions* o = options.get();
  ExplainQuestion* q = &o->question;
  agreement
      .Sub("explain", "Whether an agreement would allow something, and why",
           "entente agreement explain isa-burglary-2026 --from wessex "
           "--to mercia --purpose crime-analysis --dataset crimes")
      .OptionalPositional("ID", "The agreement at the broker, verified here",
                          &o->agreement)
      .Repeated("--file", "FILE",
                "Instead, a document as if it were signed; then the "
                "overarching ones it stands under",
                &o->files)
      .Required("--from", "AGENCY", "Who would send", &q->from)
      .Required("--to", "AGENCY", "Who would receive", &q->to)
      .Required("--purpose", "ID", "For what", &q->purpose)
      .Required("--dataset", "ID", "Of which data set", &q->dataset)
      .Option("--flow", "ID", "The flow, if several would do", &q->flow)
      .Option("--method", "METHOD", "query, push, subscribe or extract",
              &q->method)
      .Repeated("--fields", "NAMES", "Fields asked for, as a,b; none means all",
                &q->fields)
      .Repeated("--carry", "NAME[=VALUE]",
                "What would go with it, such as justification; none means "
                "all that is required",
                &q->carried)
      .Option("--case", "REF", "The case reference that would go with it",
              &q->case_reference)
      .Number("--records", "N", "How many", &q->records, 1, 65536)
      .Option("--at", "TIME", "When; now if not said", &o->at)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Explain(session, *options); });
}

}  // namespace entente::client
