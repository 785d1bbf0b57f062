// For tests: a folder of its own, removed afterwards.
#ifndef ENTENTE_CLIENT_TEST_FOLDER_H_
#define ENTENTE_CLIENT_TEST_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace entente::client {

class TestFolder {
 public:
  TestFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "entente-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }
  const std::string& path() const { return path_; }

  std::string Read(const std::string& name) const {
    std::ifstream in(path_ + "/" + name, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
  }
  unsigned Mode(const std::string& name) const {
    return static_cast<unsigned>(
               std::filesystem::status(path_ + "/" + name).permissions()) &
           0777;
  }

 private:
  std::string path_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_TEST_FOLDER_H_
