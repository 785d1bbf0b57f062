#include "client/explain_question.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/error.h"
#include "policy/words.h"

namespace entente::client {
namespace {

template <typename Enum>
std::string AllowedWords() {
  return absl::StrJoin(policy::AllWords<Enum>(), ", ",
                       [](std::string* out, const auto& word) {
                         absl::StrAppend(out, word.first);
                       });
}

absl::Status AddCarried(absl::string_view name, policy::Request* request) {
  const auto requirement = policy::RequirementOf(name);
  if (!requirement.has_value()) {
    return UsageError(absl::StrCat("--carry: no requirement \"", name, "\""),
                      AllowedWords<policy::Requirement>());
  }
  if (std::find(request->carried.begin(), request->carried.end(),
                *requirement) != request->carried.end()) {
    return UsageError(absl::StrCat("--carry names ", name, " twice"),
                      "give it once");
  }
  request->carried.push_back(*requirement);
  return absl::OkStatus();
}

absl::Status AddAllCarried(const ExplainQuestion& question,
                           policy::Request* request) {
  for (const std::string& text : question.carried) {
    const size_t equals = text.find('=');
    if (equals == text.size() - 1) {
      return UsageError(absl::StrCat("--carry ", text, " has no value"),
                        "--carry name, or --carry name=value");
    }
    const absl::Status added = AddCarried(text.substr(0, equals), request);
    if (!added.ok()) return added;
  }
  if (question.case_reference.empty()) return absl::OkStatus();
  return AddCarried(policy::WordOf(policy::Requirement::kCaseReference),
                    request);
}

}  // namespace

void DeclareQuestion(Command& command, ExplainQuestion* question) {
  ExplainQuestion* q = question;
  command.Required("--from", "AGENCY", "Who would send", &q->from)
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
      .Number("--records", "N", "How many", &q->records, 1, 65536);
}

absl::StatusOr<policy::Request> RequestOf(const ExplainQuestion& question) {
  policy::Request request;
  const std::optional<policy::Method> method =
      policy::MethodOf(question.method);
  if (!method.has_value()) {
    return UsageError(absl::StrCat("no method \"", question.method, "\""),
                      AllowedWords<policy::Method>());
  }
  request.method = *method;
  request.sender = question.from;
  request.recipient = question.to;
  request.purpose = question.purpose;
  request.dataset = question.dataset;
  request.flow = question.flow;
  request.records = static_cast<int64_t>(question.records);
  for (const std::string& names : question.fields) {
    for (const absl::string_view name : absl::StrSplit(names, ',')) {
      if (name.empty()) {
        return UsageError(absl::StrCat("--fields ", names, " names no field"),
                          "--fields name,address");
      }
      request.fields.emplace_back(name);
    }
  }
  if (absl::Status added = AddAllCarried(question, &request); !added.ok()) {
    return added;
  }
  return request;
}

absl::StatusOr<absl::Time> InstantOf(absl::string_view text, absl::Time now) {
  if (text.empty()) return now;
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    return time;
  }
  return UsageError(absl::StrCat("--at: ", error),
                    "write 2026-03-31 or 2026-03-31T12:00:00Z");
}

}  // namespace entente::client
