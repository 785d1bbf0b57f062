#include "client/document_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/check.h"

namespace entente::client {
namespace {

namespace fs = std::filesystem;

// As many mistakes of one document as its error tells.
constexpr size_t kMistakesTold = 3;
// As many documents as one error names.
constexpr size_t kDocumentsNamed = 20;

// `a.yaml:3:5: kind: …; a.yaml:9:1: …; and 4 more`.
std::string FirstMistakes(const std::string& file,
                          const policy::CheckResult& checked) {
  std::vector<std::string> lines;
  size_t errors = 0;
  for (const policy::Diagnostic& one : checked.diagnostics) {
    if (one.severity != policy::Diagnostic::Severity::kError) continue;
    if (++errors <= kMistakesTold) lines.push_back(policy::Format(file, one));
  }
  if (errors > kMistakesTold) {
    lines.push_back(absl::StrCat("and ", errors - kMistakesTold, " more"));
  }
  return absl::StrJoin(lines, "; ");
}

Document DocumentOf(const std::string& file, policy::CheckResult checked) {
  return {file, *std::move(checked.agreement), std::move(checked.canonical),
          std::move(checked.digest)};
}

absl::Status Invalid(const std::string& file,
                     const policy::CheckResult& checked) {
  return ToStatus({.what = absl::StrCat(file, " is no valid agreement"),
                   .why = FirstMistakes(file, checked),
                   .next = absl::StrCat("entente agreement check ", file),
                   .code = "AGREEMENT_INVALID"});
}

absl::StatusOr<policy::CheckResult> CheckFile(Session& session,
                                              const std::string& file) {
  const absl::StatusOr<std::string> text =
      ReadInput(session, file, kMaxDocumentBytes);
  if (!text.ok()) return text.status();
  return policy::Check(file, *text);
}

bool IsDocumentName(const fs::path& path) {
  const std::string end = path.extension().string();
  return end == ".yaml" || end == ".yml" || end == ".json";
}

// The files meant by `name`: itself, or a folder's documents.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& name) {
  std::error_code error;
  if (name == "-" || !fs::is_directory(name, error)) {
    return std::vector<std::string>{name};
  }
  std::vector<std::string> files;
  for (fs::directory_iterator at(name, error), end; !error && at != end;
       at.increment(error)) {
    if (IsDocumentName(at->path())) files.push_back(at->path().string());
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat(name, ": ", error.message()));
  }
  if (files.empty()) {
    return ToStatus({.what = absl::StrCat(name, " holds no document"),
                     .why = "no file in it ends in .yaml, .yml or .json",
                     .next = "name the files, or another folder",
                     .code = "NO_DOCUMENT",
                     .exit = ExitCode::kUsage});
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::Status CheckDistinct(const std::vector<Document>& documents) {
  std::map<std::string, const Document*> known;
  for (const Document& one : documents) {
    const auto [first, is_new] = known.emplace(one.agreement.id, &one);
    if (is_new) continue;
    return ToStatus(
        {.what = absl::StrCat("two documents of ", one.agreement.id),
         .why = absl::StrCat(first->second->source, " is version ",
                             first->second->agreement.version, ", ", one.source,
                             " is version ", one.agreement.version),
         .next = "name one version of each agreement",
         .code = "AGREEMENT_REPEATED",
         .exit = ExitCode::kUsage});
  }
  return absl::OkStatus();
}

// Of the documents that do not pass: their error, or one for them all.
absl::Status AllInvalid(const std::vector<std::string>& files,
                        const std::vector<absl::Status>& invalid) {
  if (invalid.size() == 1) return invalid.front();
  std::vector<std::string> told;
  for (const absl::Status& one : invalid) {
    if (told.size() == kDocumentsNamed) break;
    told.push_back(FromStatus(one).why);
  }
  if (invalid.size() > told.size()) {
    told.push_back(absl::StrCat("and ", invalid.size() - told.size(), " more"));
  }
  return ToStatus({.what = absl::StrCat(invalid.size(), " of ", files.size(),
                                        " documents are no valid agreements"),
                   .why = absl::StrJoin(told, "; "),
                   .next = "entente agreement check, for each of them",
                   .code = "AGREEMENT_INVALID"});
}

}  // namespace

absl::StatusOr<Document> ReadDocument(Session& session,
                                      const std::string& file) {
  absl::StatusOr<policy::CheckResult> checked = CheckFile(session, file);
  if (!checked.ok()) return checked.status();
  if (!checked->ok()) return Invalid(file, *checked);
  return DocumentOf(file, *std::move(checked));
}

absl::StatusOr<std::vector<Document>> ReadDocuments(
    Session& session, const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    absl::StatusOr<std::vector<std::string>> meant = FilesOf(name);
    if (!meant.ok()) return meant.status();
    for (std::string& file : *meant) files.push_back(std::move(file));
  }
  std::vector<Document> documents;
  std::vector<absl::Status> invalid;
  for (const std::string& file : files) {
    absl::StatusOr<policy::CheckResult> checked = CheckFile(session, file);
    if (!checked.ok()) return checked.status();
    if (checked->ok()) {
      documents.push_back(DocumentOf(file, *std::move(checked)));
    } else {
      invalid.push_back(Invalid(file, *checked));
    }
  }
  if (!invalid.empty()) return AllInvalid(files, invalid);
  if (absl::Status distinct = CheckDistinct(documents); !distinct.ok()) {
    return distinct;
  }
  return documents;
}

}  // namespace entente::client
