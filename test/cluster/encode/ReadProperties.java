import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Prints the values of key0, key1 … of a properties file as Spark reads them, each with a NUL after it. */
class ReadProperties {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    try (InputStreamReader reader =
        new InputStreamReader(Files.newInputStream(Path.of(args[0])), StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    OutputStream out = System.out;
    for (int index = 0; properties.getProperty("key" + index) != null; index++) {
      out.write(properties.getProperty("key" + index).trim().getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    out.flush();
  }
}
