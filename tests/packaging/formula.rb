# Evaluates a formula as Homebrew does, for each system and processor, and installs for this one.
#
#   ruby formula.rb FORMULA ARCHIVES PREFIX
#
# Only what formulae of programs use is there; another word of the language is an error.
require "digest"
require "fileutils"
require "tmpdir"

class Folder
  def initialize(path)
    @path = path
  end

  def install(what)
    FileUtils.mkdir_p(@path)
    what = [what] unless what.is_a?(Array) || what.is_a?(Hash)
    raise "nothing to install into #{@path}" if what.empty?

    what.each { |from, to| FileUtils.cp(from, File.join(@path, to || File.basename(from))) }
  end
end

class Formula
  FIELDS = %i[desc homepage version license url sha256].freeze

  class << self
    attr_accessor :system, :processor, :found

    FIELDS.each do |field|
      define_method(field) do |value|
        raise "`#{field}` is given twice" if Formula.found.key?(field)

        Formula.found[field] = value
      end
    end

    %i[on_macos on_linux].each { |name| define_method(name) { |&block| block.call if Formula.system == name } }
    %i[on_arm on_intel].each { |name| define_method(name) { |&block| block.call if Formula.processor == name } }

    def test(&block)
      Formula.found[:test] = block
    end
  end

  def initialize(prefix)
    @prefix = prefix
  end

  {
    bin: "bin", man1: "share/man/man1", bash_completion: "etc/bash_completion.d",
    zsh_completion: "share/zsh/site-functions", fish_completion: "share/fish/vendor_completions.d",
  }.each { |name, path| define_method(name) { Folder.new(File.join(@prefix, path)) } }
end

formula, archives, prefix = ARGV
here = [:on_linux, RUBY_PLATFORM.start_with?("x86_64") ? :on_intel : :on_arm]

%i[on_macos on_linux].product(%i[on_arm on_intel]).each do |system, processor|
  Formula.system, Formula.processor, Formula.found = system, processor, {}
  Object.send(:remove_const, :CosPresign) if Object.const_defined?(:CosPresign)
  load formula
  found = Formula.found
  lacking = (Formula::FIELDS + [:test]) - found.keys
  raise "#{system} #{processor}: #{lacking} not given" unless lacking.empty?
  raise "`desc` has more than 80 characters" if found[:desc].length > 80
  raise "`desc` begins with an article" if found[:desc].match?(/\A(an?|the) /i)

  archive = File.join(archives, File.basename(found[:url]))
  raise "#{found[:url]} is no archive of the release" unless File.exist?(archive)
  raise "#{archive} has another digest" unless Digest::SHA256.file(archive).hexdigest == found[:sha256]
  raise "#{found[:url]} is of another version" unless found[:url].include?("/v#{found[:version]}/")
  next unless [system, processor] == here

  Dir.mktmpdir do |folder|
    # Homebrew unpacks, and enters the only folder there is.
    raise "#{archive} cannot be unpacked" unless Kernel.system("tar", "-xzf", archive, "-C", folder)

    Dir.chdir(Dir.glob("#{folder}/*").fetch(0)) { CosPresign.new(prefix).install }
  end
end
