// Documents that are read from files or fetched from the broker, to be compared
// and looked over.
#ifndef ENTENTE_CLIENT_DOCUMENT_FILES_H_
#define ENTENTE_CLIENT_DOCUMENT_FILES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli.h"
#include "client/version_name.h"
#include "policy/agreement.h"
#include "policy/compiled_agreement.h"

namespace entente::client {

// What `--help` says of the documents that a command takes.
inline constexpr absl::string_view kDocumentsHelp =
    "Documents, folders of documents, -, or ID or ID/VERSION of those at the "
    "broker; without any, all at the broker that are signed and not over";

struct Document {
  std::string source;  // the file, `-`, or `ID` or `ID/VERSION` as it was named
  policy::Agreement agreement;
  std::string canonical;
  std::string digest;  // of the canonical form, hex
};

// The document in `file`, or on standard input for `-`, as YAML or canonical
// JSON. The code AGREEMENT_INVALID if it does not pass its checks, with the
// first mistakes as file:line:column; otherwise as ReadInput.
absl::StatusOr<Document> ReadDocument(Session& session,
                                      const std::string& file);

// `document`, for decisions.
absl::StatusOr<std::shared_ptr<const policy::CompiledAgreement>> CompiledOf(
    const Document& document);

// The version at the broker that is named, verified as FetchDocument
// (client/verified_document.h), which says what fails; otherwise as Connect.
absl::StatusOr<Document> FetchNamedDocument(Session& session,
                                            const VersionName& named);

// Whichever of the two `name` is: ID or ID/VERSION, or else a file.
absl::StatusOr<Document> ReadOrFetchDocument(Session& session,
                                             const std::string& name);

// The documents in `names`, in order: a file, `-`, an ID or ID/VERSION at the
// broker as FetchNamedDocument; for a folder, those of its files that end in
// `.yaml`, `.yml` or `.json`, by name. Without any, every agreement that the
// broker lists, by id, in its version in force or, before that, its highest: if
// every party has signed it, and it has neither expired nor been ended. That an
// agreement is not listed, or was ended, is the broker's word.
//
// None is passed over: the code AGREEMENT_INVALID names every file that does
// not pass its checks. AGREEMENT_REPEATED (exit 2) for two of one agreement,
// NO_DOCUMENT (exit 2) for a folder without any; otherwise as ReadInput. Some
// three calls for each at the broker.
absl::StatusOr<std::vector<Document>> ReadDocuments(
    Session& session, const std::vector<std::string>& names);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DOCUMENT_FILES_H_
