// Asks its plugins what standard input names, "total 3", and prints what they say. What is asked with "!", "total! 3", may trap; what is asked
// with "?", "total? 3", is handed over, to plugins that may have a process of their own.
import AfreshHost
import Glibc
import ShopAPI

do {
    try Plugins.load(
        package: CommandLine.arguments[1], rehearsing: CommandLine.arguments.contains("--rehearsing"),
        isolated: CommandLine.arguments.contains("--isolated"))
} catch {
    print("failed: \(error)")
    exit(1)
}
let first = Plugins[.price]
print("ready")
fflush(nil)
while let line = readLine() {
    let words = line.split(separator: " ")
    let number = Int(words[1]) ?? 0
    if words[0].hasSuffix("!") {
        do {
            print(try Plugins.call(ExportKey<Work>(String(words[0].dropLast()))) { $0(number) })
        } catch {
            print("failed: \(error)")
        }
        fflush(nil)
        continue
    }
    if words[0].hasSuffix("?") {
        do {
            print(try Plugins.call(ExportKey<Work>(String(words[0].dropLast())), number))
        } catch {
            print("failed: \(error)")
        }
        fflush(nil)
        continue
    }
    if let say = Plugins[ExportKey<@Sendable (Int) async throws -> String>(String(words[0]))] {
        print((try? await say(number)) ?? "an error")
        fflush(nil)
        continue
    }
    let work = words[0] == "first" ? first : Plugins[ExportKey<Work>(String(words[0]))]
    print(work.map { String($0(number)) } ?? "nothing")
    fflush(nil)
}
