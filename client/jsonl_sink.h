// Opened batches as JSON Lines.
#ifndef ENTENTE_CLIENT_JSONL_SINK_H_
#define ENTENTE_CLIENT_JSONL_SINK_H_

#include <memory>
#include <string>
#include <utility>

#include "client/output.h"
#include "client/receiver.h"

namespace entente::client {

// One file a batch, `<batch>.jsonl`, one record a line, 0600; a batch without
// records makes an empty one. AlreadyExists if another sender's batch of that
// id is there.
class FolderSink final : public BatchSink {
 public:
  // Makes the folder (0700) if it is missing.
  static absl::StatusOr<std::unique_ptr<FolderSink>> Open(std::string folder);

  absl::StatusOr<std::string> Take(const std::string& batch,
                                   const std::string& sender,
                                   const OpenedBatch& opened) override;

 private:
  explicit FolderSink(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
};

// To standard output. At least once: after a crash a batch may come again.
class OutputSink final : public BatchSink {
 public:
  // `output` is borrowed.
  explicit OutputSink(Output* output) : output_(*output) {}

  absl::StatusOr<std::string> Take(const std::string& batch,
                                   const std::string& sender,
                                   const OpenedBatch& opened) override;

 private:
  Output& output_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_JSONL_SINK_H_
