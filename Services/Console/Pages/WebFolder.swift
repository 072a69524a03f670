import Foundation
import ServiceKit

/// The folder `Web` of the browser's files, read once at the start.
///
/// It stands beside the executable, as the build puts it there, so that the console finds it wherever it is started
/// from; an installation may keep it elsewhere and say so by the setting `web`.
enum WebFolder {
    /// Where the build puts it, and where an installation below one prefix has it; from the executable's folder.
    static let places = ["sojourn_Console.resources/Web", "../share/sojourn/console"]

    static func path(_ setting: String?) throws(StartError) -> String {
        let manager = FileManager.default
        if let setting {
            guard manager.fileExists(atPath: "\(setting)/index.html") else {
                throw StartError("The folder of the setting web holds no index.html.")
            }
            return setting
        }
        let executable = (try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        for place in places {
            let path = folder.appendingPathComponent(place).standardizedFileURL.path
            if manager.fileExists(atPath: "\(path)/index.html") { return path }
        }
        throw StartError(
            "The browser's files are not beside the executable: copy sojourn_Console.resources there, or set --web.")
    }

    /// Every file below the folder, with its path as a browser asks for it. Hidden files are left out.
    static func files(below folder: String) throws(StartError) -> [WebFile] {
        let base = URL(fileURLWithPath: folder)
        guard let walker = FileManager.default.enumerator(atPath: folder) else {
            throw StartError("The folder of the browser's files cannot be read.")
        }
        var files: [WebFile] = []
        var bytes = 0
        for name in walker.compactMap({ $0 as? String }).sorted() {
            if name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            var isFolder: ObjCBool = false
            let url = base.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue
            else { continue }
            guard let data = try? Data(contentsOf: url) else {
                throw StartError("The browser's file \(name) cannot be read.")
            }
            bytes += data.count
            guard files.count < Limits.filesMax, bytes <= Limits.fileBytesMax else {
                throw StartError("The browser's files are more than the console holds in memory.")
            }
            files.append(WebFile(path: "/\(name)", bytes: Array(data)))
        }
        return files
    }
}
