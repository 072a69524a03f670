extension ServiceHost {
    /// The administrator's API key, for a service that asks another one something; nil where none is set.
    package func adminKey() throws(StartError) -> String? {
        guard let path = settings[CommonSettings.adminKeyFile] else { return nil }
        do throws(FileProblem) { return try SmallFile.text(path) } catch {
            throw StartError("The file of --admin-key-file cannot be used: \(error.reason).")
        }
    }
}
