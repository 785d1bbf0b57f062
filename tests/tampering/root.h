// Somebody who has everything that the broker has: its disk, its passphrase and
// its ledger key.
#ifndef ENTENTE_TESTS_TAMPERING_ROOT_H_
#define ENTENTE_TESTS_TAMPERING_ROOT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/store/data_folder.h"

namespace entente::tampering {

// Works on the data folder of a broker that is stopped.
class Root {
 public:
  Root(std::string data, std::string passphrase_file)
      : files_(std::move(data)), passphrase_file_(std::move(passphrase_file)) {}

  // Copies database and anchors to the folder `to`, or back from it.
  absl::Status Save(const std::string& to) const;
  absl::Status PutBack(const std::string& from) const;
  // The database alone.
  absl::Status PutBackDatabase(const std::string& from) const;

  // Runs statements on the database, past the triggers that guard it.
  absl::Status Sql(const std::string& statements) const;

  // The lines of the ledger of an agreement.
  absl::StatusOr<std::vector<std::string>> Lines(
      const std::string& ledger) const;
  // Makes that ledger anew of `lines`: entries, tiles, a checkpoint under the
  // broker's own key, and the anchor. The broker finds nothing wrong with it.
  absl::Status Forge(const std::string& ledger,
                     const std::vector<std::string>& lines) const;

 private:
  const broker::DataFolderFiles files_;
  const std::string passphrase_file_;
};

}  // namespace entente::tampering

#endif  // ENTENTE_TESTS_TAMPERING_ROOT_H_
