// Documents that are read from files, to be compared and looked over.
#ifndef ENTENTE_CLIENT_DOCUMENT_FILES_H_
#define ENTENTE_CLIENT_DOCUMENT_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli.h"
#include "policy/agreement.h"

namespace entente::client {

// What `--help` says of the files that a command takes.
inline constexpr absl::string_view kDocumentsHelp =
    "Documents, folders of documents, or - (one at the broker: save what "
    "`agreement show ID --as json` prints)";

struct Document {
  std::string source;  // the file, or `-`
  policy::Agreement agreement;
  std::string canonical;
  std::string digest;  // of the canonical form, hex
};

// The document in `file`, or on standard input for `-`, as YAML or canonical
// JSON. The code AGREEMENT_INVALID if it does not pass its checks, with the
// first mistakes as file:line:column; otherwise as ReadInput.
absl::StatusOr<Document> ReadDocument(Session& session,
                                      const std::string& file);

// The documents in `names`, in order; for a folder, those of its files that end
// in `.yaml`, `.yml` or `.json`, by name. None is passed over: the code
// AGREEMENT_INVALID names every one that does not pass its checks.
// AGREEMENT_REPEATED (exit 2) for two of one agreement, NO_DOCUMENT (exit 2)
// for a folder without any; otherwise as ReadInput.
absl::StatusOr<std::vector<Document>> ReadDocuments(
    Session& session, const std::vector<std::string>& names);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DOCUMENT_FILES_H_
