#include "client/jsonl_sink.h"

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/json_text.h"

namespace entente::client {

absl::StatusOr<std::unique_ptr<FolderSink>> FolderSink::Open(
    std::string folder) {
  if (absl::Status made = MakeFolders(folder); !made.ok()) return made;
  return std::unique_ptr<FolderSink>(new FolderSink(std::move(folder)));
}

absl::StatusOr<std::string> FolderSink::Take(const std::string& batch,
                                             const std::string& sender,
                                             const OpenedBatch& opened) {
  const std::string path = absl::StrCat(folder_, "/", batch, ".jsonl");
  // What an interrupted call left is replaced; another sender's file is not.
  std::ifstream there(path);
  std::string first;
  if (std::getline(there, first) &&
      !absl::StrContains(
          first, absl::StrCat(",\"sender\":", JsonString(sender), ","))) {
    return absl::AlreadyExistsError(absl::StrCat(
        path, " holds another sender's batch; receive into another folder"));
  }
  std::string lines;
  for (const Record& record : opened.records) {
    absl::StrAppend(&lines, ToJson(Value(record)), "\n");
  }
  if (absl::Status written = WriteDurably(path, lines, 0600); !written.ok()) {
    return written;
  }
  return path;
}

absl::StatusOr<std::string> OutputSink::Take(const std::string& batch,
                                             const std::string& sender,
                                             const OpenedBatch& opened) {
  for (const Record& record : opened.records) output_.PrintLine(record);
  if (absl::Status flushed = output_.Flush(); !flushed.ok()) return flushed;
  output_.Say(absl::StrCat("batch ", batch, " of ", sender, ": ",
                           opened.records.size(), " records"));
  return std::string();
}

}  // namespace entente::client
