// Opened batches in the types that integrators see.
#ifndef ENTENTE_CLIENT_DELIVERY_H_
#define ENTENTE_CLIENT_DELIVERY_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/entente.h"
#include "client/receiver.h"

namespace entente::client {

// `opened` of `batch` and `sender`. Internal if a record is not of the form
// that OpenBatch promises.
absl::StatusOr<Delivery> ToDelivery(const std::string& batch,
                                    const std::string& sender,
                                    const OpenedBatch& opened);

// Hands batches to a program's handler. InvalidArgument from it refuses the
// batch alone.
class HandlerSink final : public BatchSink {
 public:
  explicit HandlerSink(const Handler& handler) : handler_(handler) {}

  absl::StatusOr<std::string> Take(const std::string& batch,
                                   const std::string& sender,
                                   const OpenedBatch& opened) override;

 private:
  const Handler& handler_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_DELIVERY_H_
