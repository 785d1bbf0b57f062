#include "client/command_agreement_explain.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/explain.h"
#include "policy/register.h"

namespace entente::client {
namespace {

constexpr size_t kMaxDocumentBytes = 4 << 20;

struct ExplainOptions {
  std::vector<std::string> files;
  std::string from;
  std::string to;
  std::string purpose;
  std::string dataset;
  std::string flow;
  std::string method = "push";
  std::vector<std::string> fields;
  std::vector<std::string> carried;
  uint64_t records = 1;
  std::string at;
};

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

absl::StatusOr<Compiled> Compile(Session& session, const std::string& file) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxDocumentBytes);
  if (!text.ok()) return text.status();
  const policy::CheckResult checked = policy::Check(file, *text);
  if (!checked.ok()) {
    return ToStatus({.what = absl::StrCat(file, " is no valid agreement"),
                     .next = absl::StrCat("entente agreement check ", file),
                     .code = "AGREEMENT_INVALID"});
  }
  return policy::CompiledAgreement::Create(*checked.agreement,
                                           crypto::Sha256(checked.canonical));
}

absl::StatusOr<absl::Time> TimeOf(const std::string& text) {
  if (text.empty()) return absl::Now();
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    return time;
  }
  return UsageError(absl::StrCat("--at: ", error),
                    "write 2026-03-31 or 2026-03-31T12:00:00Z");
}

absl::StatusOr<policy::Request> RequestOf(const ExplainOptions& options) {
  policy::Request request;
  const std::optional<policy::Method> method = policy::MethodOf(options.method);
  if (!method.has_value()) {
    return UsageError(absl::StrCat("no method \"", options.method, "\""),
                      "query, push, subscribe or extract");
  }
  request.method = *method;
  request.sender = options.from;
  request.recipient = options.to;
  request.purpose = options.purpose;
  request.dataset = options.dataset;
  request.flow = options.flow;
  request.fields = options.fields;
  request.records = static_cast<int64_t>(options.records);
  for (const std::string& word : options.carried) {
    const auto requirement = policy::RequirementOf(word);
    if (!requirement.has_value()) {
      return UsageError(absl::StrCat("--with: no requirement \"", word, "\""),
                        "case_reference, justification and the like");
    }
    request.carried.push_back(*requirement);
  }
  return request;
}

// The documents as if all had been signed and activated.
absl::StatusOr<std::shared_ptr<const policy::Register>> RegisterOf(
    Session& session, const std::vector<std::string>& files, Compiled* first) {
  std::vector<policy::AgreementRecord> records;
  for (const std::string& file : files) {
    absl::StatusOr<Compiled> compiled = Compile(session, file);
    if (!compiled.ok()) return compiled.status();
    if (*first == nullptr) *first = *compiled;
    policy::AgreementRecord record;
    record.id = (*compiled)->document().id;
    record.versions[(*compiled)->document().version] = {
        .agreement = *compiled, .missing = {}, .activated = true};
    records.push_back(std::move(record));
  }
  return policy::Register::Create(std::move(records));
}

void PrintAsJson(Output& out, const policy::Decision& decision,
                 const std::string& text) {
  std::vector<Value> reasons;
  for (const policy::Failure& failure : decision.failures) {
    reasons.emplace_back(Record{{"code", failure.Code()},
                                {"clause", failure.clause},
                                {"detail", failure.detail},
                                {"remedy", failure.Remedy()}});
  }
  std::vector<Value> fields;
  for (const policy::FieldAnswer& field : decision.fields) {
    fields.emplace_back(
        Record{{"name", field.name}, {"released", field.treatment != nullptr}});
  }
  out.Print({{"allowed", decision.allowed()},
             {"reasons", std::move(reasons)},
             {"fields", std::move(fields)},
             {"text", text}});
}

absl::Status Explain(Session& session, const ExplainOptions& options) {
  const absl::StatusOr<absl::Time> at = TimeOf(options.at);
  if (!at.ok()) return at.status();
  absl::StatusOr<policy::Request> asked = RequestOf(options);
  if (!asked.ok()) return asked.status();
  Compiled agreement;
  const auto known = RegisterOf(session, options.files, &agreement);
  if (!known.ok()) return known.status();
  asked->agreement = agreement->document().id;
  const policy::Request request =
      policy::CompleteRequest(*agreement, *std::move(asked));
  const policy::Decision decision = policy::Decide(**known, *at, request);
  const std::string text = policy::Explain(request, decision);
  if (session.out().for_people()) {
    session.out().PrintText(text);
  } else {
    PrintAsJson(session.out(), decision, text);
  }
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
  agreement
      .Sub("explain",
           "Whether a document, once signed, would allow something, and why",
           "entente agreement explain --file agreement.yaml --from wessex "
           "--to mercia --purpose crime-analysis --dataset crimes")
      .Repeated("--file", "FILE",
                "The document; then the overarching ones it stands under",
                &o->files)
      .Required("--from", "AGENCY", "Who would send", &o->from)
      .Required("--to", "AGENCY", "Who would receive", &o->to)
      .Required("--purpose", "ID", "For what", &o->purpose)
      .Required("--dataset", "ID", "Of which data set", &o->dataset)
      .Option("--flow", "ID", "The flow, if several would do", &o->flow)
      .Option("--method", "METHOD", "query, push, subscribe or extract",
              &o->method)
      .Repeated("--field", "NAME", "A field asked for; none means all",
                &o->fields)
      .Repeated("--with", "WHAT",
                "What would accompany it, such as case_reference", &o->carried)
      .Number("--records", "N", "How many", &o->records, 1, 65536)
      .Option("--at", "TIME", "When; now if not said", &o->at)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) -> absl::Status {
              if (options->files.empty()) {
                return UsageError("which document?", "--file FILE");
              }
              return Explain(session, *options);
            });
}

}  // namespace entente::client
