// A store in a folder of its own, for the tests of tables.
#ifndef ENTENTE_BROKER_STORE_TEST_STORE_H_
#define ENTENTE_BROKER_STORE_TEST_STORE_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/store/sqlite_store.h"
#include "broker/test_folder.h"

namespace entente::broker {

inline const absl::Time kNow = absl::FromUnixMillis(1'767'225'600'123);

class TestStore {
 public:
  // Runs `work` in one write transaction; undone unless it returns OK.
  absl::Status In(absl::FunctionRef<absl::Status(Transaction&)> work) {
    return store_->Write(work, [] { return absl::OkStatus(); });
  }

 private:
  TestFolder folder_;
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::Open(folder_ / "db", 1);
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_STORE_TEST_STORE_H_
