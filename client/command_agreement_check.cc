#include "client/command_agreement_check.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "client/document_files.h"
#include "policy/check.h"
#include "policy/plain_words.h"

namespace entente::client {
namespace {

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

absl::Status CheckFile(Session& session, const std::string& file, bool words) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxDocumentBytes);
  if (!text.ok()) return text.status();
  const policy::CheckResult result = policy::Check(file, *text);
  const std::string said =
      words && result.ok()
          ? policy::PlainWords(*result.agreement, result.digest)
          : "";
  if (session.out().for_people()) {
    session.out().PrintText(result.report);
    if (result.ok()) {
      session.out().Print({{"file", file}, {"digest", result.digest}});
    }
    if (!said.empty()) session.out().PrintText(absl::StrCat("\n", said));
  } else {
    std::vector<Value> diagnostics;
    for (const policy::Diagnostic& diagnostic : result.diagnostics) {
      diagnostics.emplace_back(Describe(diagnostic));
    }
    Record record = {{"file", file},
                     {"ok", result.ok()},
                     {"digest", result.digest},
                     {"diagnostics", std::move(diagnostics)}};
    if (result.ok()) {
      record.emplace_back("agreement", result.agreement->id);
      record.emplace_back("version", result.agreement->version);
    }
    if (!said.empty()) record.emplace_back("words", said);
    session.out().Print(record);
  }
  if (result.ok()) return absl::OkStatus();
  return ToStatus({.what = absl::StrCat(file, " is no valid agreement"),
                   .why = "every mistake is named above",
                   .next = "correct it and check again",
                   .code = "AGREEMENT_INVALID"});
}

}  // namespace

void RegisterAgreementCheck(Command& agreement) {
  struct Options {
    std::string file;
    bool words = false;
  };
  auto options = std::make_shared<Options>();
  agreement
      .Sub("check", "Names every mistake in a document; asks nobody",
           "entente agreement check agreement.yaml --words")
      .Positional("FILE", "The document in YAML, or -", &options->file)
      .Flag("--words", "Then say in plain words what it means", &options->words)
      .Does(Effect::kReads, Prints::kOne, [options](Session& session) {
        return CheckFile(session, options->file, options->words);
      });
}

}  // namespace entente::client
