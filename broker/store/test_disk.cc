#include "broker/store/test_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace entente::broker {
namespace {

using Kind = FileAction::Kind;

constexpr size_t kSector = 512;

std::string NameOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

void Put(const FileAction& write, size_t begin, size_t end,
         std::string* content) {
  const size_t at = static_cast<size_t>(write.offset);
  if (content->size() < at + end) content->resize(at + end);
  std::copy(write.data.begin() + static_cast<ptrdiff_t>(begin),
            write.data.begin() + static_cast<ptrdiff_t>(end),
            content->begin() + static_cast<ptrdiff_t>(at + begin));
}

void Apply(const FileAction& action, DiskImage* image) {
  const std::string name = NameOf(action.path);
  switch (action.kind) {
    case Kind::kWrite:
      return Put(action, 0, action.data.size(), &(*image)[name]);
    case Kind::kTruncate:
      return (*image)[name].resize(static_cast<size_t>(action.offset));
    case Kind::kDelete:
      image->erase(name);
      return;
    case Kind::kReplace:
      (*image)[name].assign(action.data.begin(), action.data.end());
      return;
    case Kind::kOpen:
    case Kind::kSync:
      return;
  }
}

void Tear(const FileAction& write, std::mt19937* random, DiskImage* image) {
  std::string* content = &(*image)[NameOf(write.path)];
  for (size_t at = 0; at < write.data.size(); at += kSector) {
    if ((*random)() % 2 == 0) continue;
    Put(write, at, std::min(at + kSector, write.data.size()), content);
  }
  // The new size may be durable before the data, and any size in between.
  const size_t end = static_cast<size_t>(write.offset) + write.data.size();
  if (content->size() >= end) return;
  content->resize(content->size() + (*random)() % (end - content->size() + 1));
}

}  // namespace

void DiskRecord::ReadSmallFiles() {
  for (const std::string& name : small_files_) {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    if (!file) continue;
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    const auto known = small_.find(name);
    if (known != small_.end() && known->second == content) continue;
    const std::string path = folder_ + "/" + name;
    const bool is_append =
        known != small_.end() && content.rfind(known->second, 0) == 0;
    const size_t from = is_append ? known->second.size() : 0;
    small_[name] = content;
    steps_.push_back(
        {{is_append ? Kind::kWrite : Kind::kReplace,
          path,
          static_cast<int64_t>(from),
          {content.begin() + static_cast<ptrdiff_t>(from), content.end()}}});
    steps_.push_back({{Kind::kSync, path, 0, {}}});
  }
}

void DiskRecord::Note(const FileAction& action, int result) {
  const std::lock_guard<std::mutex> lock(mu_);
  folder_ = std::filesystem::path(action.path).parent_path().string();
  ReadSmallFiles();
  if (result == SQLITE_OK) {
    steps_.push_back({action});
  } else if (action.kind == Kind::kSync) {
    steps_.push_back({action, true});
  } else if (action.kind == Kind::kWrite) {
    FileAction half = action;
    half.data.resize(half.data.size() / 2);
    steps_.push_back({std::move(half)});
  }
}

size_t DiskRecord::Mark() {
  const std::lock_guard<std::mutex> lock(mu_);
  ReadSmallFiles();
  return steps_.size();
}

std::vector<DiskRecord::Step> DiskRecord::Steps() const {
  const std::lock_guard<std::mutex> lock(mu_);
  return steps_;
}

void Disk::Do(const DiskRecord::Step& step) {
  std::vector<FileAction>& pending = pending_[step.action.path];
  if (step.action.kind != Kind::kSync) {
    pending.push_back(step.action);
    return;
  }
  if (!step.is_failed_sync) {
    if (synced_.count(NameOf(step.action.path)) == 0) SyncFolder();
    for (const FileAction& action : pending) Apply(action, &synced_);
    synced_[NameOf(step.action.path)];  // also an empty file is one
  }
  pending.clear();
}

void Disk::SyncFolder() {
  for (auto& [path, actions] : pending_) {
    const auto deleted = std::find_if(
        actions.rbegin(), actions.rend(),
        [](const FileAction& each) { return each.kind == Kind::kDelete; });
    if (deleted == actions.rend()) continue;
    synced_.erase(NameOf(path));
    actions.erase(actions.begin(), deleted.base());
  }
}

DiskImage Disk::Synced() const { return synced_; }

DiskImage Disk::Torn(std::mt19937* random) const {
  DiskImage image = synced_;
  for (const auto& [path, actions] : pending_) {
    for (const FileAction& action : actions) {
      switch ((*random)() % 3) {
        case 0:
          break;
        case 1:
          Apply(action, &image);
          break;
        default:
          if (action.kind == Kind::kWrite) Tear(action, random, &image);
      }
    }
  }
  return image;
}

void WriteDisk(const DiskImage& image, const std::string& folder) {
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    std::filesystem::remove_all(each.path());
  }
  for (const auto& [name, content] : image) {
    std::ofstream(folder + "/" + name, std::ios::binary) << content;
    std::filesystem::permissions(folder + "/" + name,
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write);
  }
}

}  // namespace entente::broker
