#include "client/explain_answer.h"

#include <utility>

#include "client/error.h"
#include "policy/clause_words.h"
#include "policy/explain.h"

namespace entente::client {
namespace {

std::vector<Value> Describe(const std::vector<policy::Failure>& failures) {
  std::vector<Value> reasons;
  for (const policy::Failure& failure : failures) {
    const policy::ReasonInfo& info = policy::InfoOf(failure.reason);
    reasons.emplace_back(Record{{"code", failure.Code()},
                                {"clause", failure.clause},
                                {"meaning", info.meaning},
                                {"detail", failure.detail},
                                {"remedy", failure.Remedy()},
                                {"who", info.who}});
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

std::string InstantText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

}  // namespace

Record DescribeAnswer(const policy::Request& request,
                      const policy::Decision& decision, absl::Time at) {
  Record record = {{"allowed", decision.allowed()},
                   {"reasons", Describe(decision.failures)},
                   {"fields", DescribeFields(decision)},
                   {"text", policy::Explain(request, decision)},
                   {"at", InstantText(at)}};
  if (decision.allowed()) {
    record.emplace_back("flow", decision.flow->id);
    record.emplace_back("good_until", InstantText(decision.good_until));
  }
  return record;
}

absl::Status NotAllowed(const policy::Decision& decision,
                        const std::string& what) {
  return ToStatus({.what = what,
                   .why = "every reason is named above",
                   .next = decision.failures.front().Remedy(),
                   .code = decision.failures.front().Code(),
                   .exit = ExitCode::kRefused});
}

}  // namespace entente::client
