#include "client/command_agreement_check.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "policy/check.h"

namespace entente::client {
namespace {

constexpr size_t kMaxDocumentBytes = 4 << 20;

Record Describe(const policy::Diagnostic& diagnostic) {
  const bool error =
      diagnostic.severity == policy::Diagnostic::Severity::kError;
  return {{"severity", error ? "error" : "warning"},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"field", diagnostic.path},
          {"message", diagnostic.message},
          {"allowed", diagnostic.allowed}};
}

absl::Status CheckFile(Session& session, const std::string& file) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxDocumentBytes);
  if (!text.ok()) return text.status();
  const policy::CheckResult result = policy::Check(file, *text);
  if (session.out().for_people()) {
    session.out().PrintText(result.report);
    if (result.ok()) {
      session.out().Print({{"file", file}, {"digest", result.digest}});
    }
  } else {
    std::vector<Value> diagnostics;
    for (const policy::Diagnostic& diagnostic : result.diagnostics) {
      diagnostics.emplace_back(Describe(diagnostic));
    }
    session.out().Print({{"file", file},
                         {"ok", result.ok()},
                         {"digest", result.digest},
                         {"diagnostics", std::move(diagnostics)}});
  }
  if (result.ok()) return absl::OkStatus();
  return ToStatus({.what = absl::StrCat(file, " is no valid agreement"),
                   .why = "every mistake is named above",
                   .next = "correct it and check again",
                   .code = "AGREEMENT_INVALID"});
}

}  // namespace

void RegisterAgreementCheck(Command& agreement) {
  auto file = std::make_shared<std::string>();
  agreement
      .Sub("check", "Names every mistake in a document; asks nobody",
           "entente agreement check agreement.yaml")
      .Positional("FILE", "The document in YAML, or -", file.get())
      .Does(Effect::kReads, Prints::kOne,
            [file](Session& session) { return CheckFile(session, *file); });
}

}  // namespace entente::client
