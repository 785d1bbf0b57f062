#include "client/document_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/connected.h"
#include "client/listed_agreements.h"
#include "client/verified_document.h"
#include "crypto/hex.h"
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

// What the broker has, over one connection that is opened when it is needed.
class BrokerRegister {
 public:
  explicit BrokerRegister(Session& session) : session_(session) {}

  absl::StatusOr<Document> Fetch(const VersionName& named,
                                 const std::string& source) {
    const auto fetched = FetchVersion(named);
    if (!fetched.ok()) return fetched.status();
    return DocumentOf(source, *fetched);
  }

  // Those that are signed and not over.
  absl::StatusOr<std::vector<Document>> FetchAll() {
    if (absl::Status open = Open(); !open.ok()) return open;
    const auto listed = ListAgreements(*connected_->link);
    if (!listed.ok()) return listed.status();
    std::vector<Document> documents;
    for (const v1::ListedAgreement& one : *listed) {
      const auto fetched = FetchVersion({one.agreement(), 0});
      if (!fetched.ok()) return fetched.status();
      const std::string state = StateOf(*fetched, session_.Now());
      if (state == "proposed" || state == "expired" || state == "ended") {
        continue;
      }
      documents.push_back(DocumentOf(one.agreement(), *fetched));
    }
    return documents;
  }

 private:
  static Document DocumentOf(const std::string& source,
                             const VerifiedDocument& fetched) {
    return {source, fetched.agreement(),
            std::string(crypto::AsText(fetched.bytes)), fetched.digest};
  }

  absl::Status Open() {
    if (connected_.has_value()) return absl::OkStatus();
    absl::StatusOr<Connected> connected = Connect(session_);
    if (!connected.ok()) return connected.status();
    connected_ = *std::move(connected);
    return absl::OkStatus();
  }

  absl::StatusOr<VerifiedDocument> FetchVersion(const VersionName& named) {
    if (absl::Status open = Open(); !open.ok()) return open;
    return FetchDocument(*connected_->link, connected_->profile,
                         connected_->knowledge(), named.agreement,
                         named.version);
  }

  Session& session_;
  std::optional<Connected> connected_;
};

// What is named, with what does not pass its checks set apart.
struct Gathered {
  std::vector<Document> documents;
  std::vector<std::string> files;
  std::vector<absl::Status> invalid;
};

absl::Status GatherFile(Session& session, const std::string& file,
                        Gathered* gathered) {
  absl::StatusOr<policy::CheckResult> checked = CheckFile(session, file);
  if (!checked.ok()) return checked.status();
  gathered->files.push_back(file);
  if (checked->ok()) {
    gathered->documents.push_back(DocumentOf(file, *std::move(checked)));
  } else {
    gathered->invalid.push_back(Invalid(file, *checked));
  }
  return absl::OkStatus();
}

absl::Status Gather(Session& session, const std::string& name,
                    BrokerRegister* broker, Gathered* gathered) {
  if (const auto named = ParseVersionName(name); named.has_value()) {
    absl::StatusOr<Document> fetched = broker->Fetch(*named, name);
    if (!fetched.ok()) return fetched.status();
    gathered->documents.push_back(*std::move(fetched));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<std::string>> files = FilesOf(name);
  if (!files.ok()) return files.status();
  for (const std::string& file : *files) {
    absl::Status read = GatherFile(session, file, gathered);
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Document> ReadDocument(Session& session,
                                      const std::string& file) {
  absl::StatusOr<policy::CheckResult> checked = CheckFile(session, file);
  if (!checked.ok()) return checked.status();
  if (!checked->ok()) return Invalid(file, *checked);
  return DocumentOf(file, *std::move(checked));
}

absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> CompiledOf(
    const Document& document) {
  return policy::CompiledAgreement::Create(document.agreement,
                                           crypto::Sha256(document.canonical));
}

absl::StatusOr<Document> FetchNamedDocument(Session& session,
                                            const VersionName& named) {
  return BrokerRegister(session).Fetch(
      named, named.version == 0
                 ? named.agreement
                 : absl::StrCat(named.agreement, "/", named.version));
}

absl::StatusOr<Document> ReadOrFetchDocument(Session& session,
                                             const std::string& name) {
  const std::optional<VersionName> named = ParseVersionName(name);
  return named.has_value() ? FetchNamedDocument(session, *named)
                           : ReadDocument(session, name);
}

absl::StatusOr<std::vector<Document>> ReadDocuments(
    Session& session, const std::vector<std::string>& names) {
  BrokerRegister broker(session);
  if (names.empty()) return broker.FetchAll();
  Gathered gathered;
  for (const std::string& name : names) {
    absl::Status done = Gather(session, name, &broker, &gathered);
    if (!done.ok()) return done;
  }
  if (!gathered.invalid.empty()) {
    return AllInvalid(gathered.files, gathered.invalid);
  }
  if (absl::Status distinct = CheckDistinct(gathered.documents);
      !distinct.ok()) {
    return distinct;
  }
  return std::move(gathered.documents);
}

}  // namespace entente::client
