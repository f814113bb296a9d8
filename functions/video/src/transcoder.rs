//! MediaConvert: what it makes of a file, and how it is asked.

use std::time::Duration;

use aws_sdk_mediaconvert::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::{
        AacCodingMode, AacSettings, AudioCodec, AudioCodecSettings, AudioDefaultSelection, AudioDescription,
        AudioSelector, ContainerSettings, ContainerType, FileGroupSettings, FrameCaptureSettings,
        H264GopSizeUnits, H264QualityTuningLevel, H264QvbrSettings, H264RateControlMode,
        H264SceneChangeDetect, H264Settings, HlsDirectoryStructure, HlsGroupSettings,
        HlsManifestDurationFormat, HlsSegmentControl, Input, InputClipping, InputRotate, InputTimecodeSource,
        JobSettings, JobStatus, M3u8Settings, Output, OutputGroup, OutputGroupDetail, OutputGroupSettings,
        OutputGroupType, ProbeInputFile, TrackType, TsPtsOffset, VideoCodec, VideoCodecSettings,
        VideoDescription, VideoSelector,
    },
};
use aws_types::SdkConfig;
use data_encoding::HEXLOWER;
use domain::video::{
    CLOCK_BEGINS_SECONDS, MIN_SIDE, Probed, Rendition,
    playback::{POSTER_SECONDS, THUMBNAIL_SECONDS},
};
use kernel::{Error, Result};
use runtime::{App, Service};
use sha2::{Digest, Sha256};
use tracing::warn;

/// Length of a segment, and of what a player loads before it can show another quality.
const SEGMENT_SECONDS: i32 = 6;
/// Bits a second of the sound, and samples.
const SOUND: (i32, i32) = (128_000, 48_000);
const THUMBNAIL_WIDTH: i32 = 160;
const THUMBNAILS_MOST: i32 = 2160; // of six hours

/// MediaConvert for the bucket of this deployment.
pub struct Transcoder {
    client: Client,
    bucket: String,
    /// What MediaConvert assumes to read and to write.
    role: String,
}

impl Service for Transcoder {
    const VARIABLES: &'static [&'static str] = &["BUCKET_NAME", "TRANSCODER_ROLE", "TRANSCODER_ENDPOINT"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let environment = app.environment();
        // It reads files of gigabytes to answer, and is a queue's to wait for and nobody else's.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_secs(12))
            .operation_timeout(Duration::from_secs(20));
        let config = environment.sdk_config("MEDIACONVERT")?;
        let mut config = config.to_builder().timeout_config(timeouts.build()).build();
        // Older accounts have an endpoint of their own.
        if let Some(endpoint) = environment.optional("TRANSCODER_ENDPOINT") {
            config = config.to_builder().endpoint_url(endpoint).build();
        }
        Ok(Self::new(
            &config,
            environment.required("BUCKET_NAME")?.to_owned(),
            environment.required("TRANSCODER_ROLE")?.to_owned(),
        ))
    }
}

/// A job that is wanted.
pub(crate) struct Order<'a> {
    pub(crate) object: &'a str,
    pub(crate) folder: &'a str,
    pub(crate) renditions: &'a [Rendition],
    pub(crate) has_sound: bool,
    /// What comes after so many is left away.
    pub(crate) most_hours: Option<u32>,
    /// Comes back with whatever is told of the job.
    pub(crate) metadata: [(&'static str, String); 4],
}

/// How a job has ended.
pub(crate) struct End {
    pub(crate) is_complete: bool,
    /// 0 where nothing was made.
    pub(crate) duration_ms: u64,
    /// Of one that failed.
    pub(crate) why: String,
}

impl Order<'_> {
    /// The same for the same version of a file.
    fn token(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.folder))
    }
}

impl Transcoder {
    /// MediaConvert as `config` reaches it, for files of `bucket`, in the name of `role`.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String, role: String) -> Self {
        Self { client: Client::from_conf(Builder::from(config).build()), bucket, role }
    }

    /// The one that jobs read and write, by which those of another deployment are known.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    fn url(&self, name: &str) -> String {
        format!("s3://{}/{name}", self.bucket)
    }

    /// What a file holds; none where it is nothing that MediaConvert reads.
    pub(crate) async fn probe(&self, object: &str) -> Result<Option<Probed>> {
        let file = ProbeInputFile::builder().file_url(self.url(object)).build();
        let probed = match self.client.probe().input_files(file).send().await {
            Ok(probed) => probed,
            Err(SdkError::ServiceError(error))
                if matches!(
                    error.err().code(),
                    Some("BadRequestException" | "UnprocessableEntityException")
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failure(error)),
        };
        let container = probed.probe_results().first().and_then(|result| result.container());
        Ok(container.map(|container| {
            let tracks = container.tracks();
            let of = |kind: TrackType| tracks.iter().filter(move |track| track.track_type() == Some(&kind));
            let picture = of(TrackType::Video).find_map(|track| {
                let picture = track.video_properties()?;
                let side = |side: Option<i32>| side.and_then(|side| u32::try_from(side).ok());
                let (width, height) = (side(picture.width())?, side(picture.height())?);
                // A phone that is held upright films lying down, and says so.
                let lies = picture.rotation().unwrap_or(0).rem_euclid(180) == 90;
                Some(if lies { (height, width) } else { (width, height) })
            });
            let has_sound = of(TrackType::Audio).next().is_some();
            Probed { seconds: container.duration(), picture, has_sound }
        }))
    }

    /// The job of an order that somebody gave before, if there is one.
    pub(crate) async fn find(&self, order: &Order<'_>) -> Result<Option<String>> {
        let search = self.client.search_jobs().input_file(self.url(order.object)).max_results(20);
        let found = search.send().await.map_err(failure)?;
        let is_ours = |name: &str, value: &str| order.metadata.iter().any(|(n, v)| *n == name && v == value);
        let job = found.jobs().iter().find(|job| {
            let metadata = job.user_metadata();
            metadata.is_some_and(|all| {
                all.len() == order.metadata.len() && all.iter().all(|(name, value)| is_ours(name, value))
            })
        });
        Ok(job.and_then(|job| job.id.clone()))
    }

    /// Gives an order, and returns what MediaConvert calls its job; none where it can make no such thing.
    pub(crate) async fn begin(&self, order: &Order<'_>) -> Result<Option<String>> {
        let metadata = order.metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let create = self.client.create_job().role(&self.role).client_request_token(order.token());
        let create = create.set_user_metadata(Some(metadata.collect())).settings(self.settings(order)?);
        let created = match create.send().await {
            Ok(created) => created,
            Err(SdkError::ServiceError(error)) if error.err().is_bad_request_exception() => {
                warn!(object = order.object, error = %error.err(), "an order that is not taken");
                return Ok(None);
            }
            Err(error) => return Err(failure(error)),
        };
        let job = created.job.and_then(|job| job.id);
        job.map(Some).ok_or_else(|| Error::internal("a job without an id"))
    }

    /// How a job has ended; none while it has not. One that MediaConvert does not know any more will make nothing.
    pub(crate) async fn end_of(&self, id: &str) -> Result<Option<End>> {
        let job = match self.client.get_job().id(id).send().await {
            Ok(found) => found.job,
            Err(SdkError::ServiceError(error)) if error.err().is_not_found_exception() => {
                let why = "MediaConvert does not know the job".to_owned();
                return Ok(Some(End { is_complete: false, duration_ms: 0, why }));
            }
            Err(error) => return Err(failure(error)),
        };
        let job = job.ok_or_else(|| Error::internal("no job"))?;
        let is_complete = match &job.status {
            Some(JobStatus::Complete) => true,
            Some(JobStatus::Error | JobStatus::Canceled) => false,
            _ => return Ok(None),
        };
        // The film's, which comes first as it was ordered: pictures count as long as those after the last would be shown.
        let outputs =
            job.output_group_details().first().into_iter().flat_map(OutputGroupDetail::output_details);
        let lasting = outputs.filter_map(|output| output.duration_in_ms()?.try_into().ok());
        Ok(Some(End {
            is_complete,
            duration_ms: lasting.max().unwrap_or(0),
            why: job.error_message.clone().unwrap_or_default(),
        }))
    }

    fn settings(&self, order: &Order<'_>) -> Result<JobSettings> {
        let mut input = Input::builder()
            .file_input(self.url(order.object))
            .video_selector(VideoSelector::builder().rotate(InputRotate::Auto).build());
        if order.has_sound {
            let selector = AudioSelector::builder().default_selection(AudioDefaultSelection::Default).build();
            input = input.audio_selectors("Audio Selector 1", selector);
        }
        if let Some(hours) = order.most_hours {
            let end = InputClipping::builder().end_timecode(format!("{hours:02}:00:00:00")).build();
            input = input.timecode_source(InputTimecodeSource::Zerobased).input_clippings(end);
        }
        let streams = order.renditions.iter().map(|rendition| stream(rendition, order.has_sound));
        let hls = HlsGroupSettings::builder()
            .destination(self.url(&format!("{}/hls/index", order.folder)))
            .segment_length(SEGMENT_SECONDS)
            .min_segment_length(0)
            .segment_control(HlsSegmentControl::SegmentedFiles)
            .directory_structure(HlsDirectoryStructure::SingleDirectory)
            .manifest_duration_format(HlsManifestDurationFormat::FloatingPoint)
            .build();
        let hls =
            OutputGroupSettings::builder().r#type(OutputGroupType::HlsGroupSettings).hls_group_settings(hls);
        let files =
            FileGroupSettings::builder().destination(self.url(&format!("{}/pictures/at", order.folder)));
        let files = OutputGroupSettings::builder()
            .r#type(OutputGroupType::FileGroupSettings)
            .file_group_settings(files.build());
        let best = order.renditions.first().ok_or_else(|| Error::internal("an order of nothing"))?;
        let small = THUMBNAIL_WIDTH;
        let height = i64::from(small) * i64::from(best.height) / i64::from(best.width.max(1)) / 2 * 2;
        // MediaConvert makes none lower.
        let small = (small, i32::try_from(height.max(i64::from(MIN_SIDE))).unwrap_or(i32::MAX));
        Ok(JobSettings::builder()
            .inputs(input.build())
            .output_groups(
                OutputGroup::builder()
                    .name("stream")
                    .set_outputs(Some(streams.collect()))
                    .output_group_settings(hls.build())
                    .build(),
            )
            .output_groups(
                OutputGroup::builder()
                    .name("pictures")
                    .outputs(pictures("_small", small, number(THUMBNAIL_SECONDS), THUMBNAILS_MOST))
                    .outputs(pictures(
                        "_poster",
                        (number(best.width), number(best.height)),
                        number(POSTER_SECONDS),
                        2,
                    ))
                    .output_group_settings(files.build())
                    .build(),
            )
            .build())
    }
}

/// A quality of the film, in segments.
fn stream(rendition: &Rendition, has_sound: bool) -> Output {
    let picture = H264Settings::builder()
        .rate_control_mode(H264RateControlMode::Qvbr)
        .qvbr_settings(H264QvbrSettings::builder().qvbr_quality_level(7).build())
        .max_bitrate(number(rendition.bitrate))
        // A player changes its quality between groups of pictures, so each segment begins with one.
        .gop_size(2.0)
        .gop_size_units(H264GopSizeUnits::Seconds)
        .scene_change_detect(H264SceneChangeDetect::TransitionDetection)
        .quality_tuning_level(H264QualityTuningLevel::SinglePassHq);
    let codec = VideoCodecSettings::builder().codec(VideoCodec::H264).h264_settings(picture.build());
    let picture = VideoDescription::builder()
        .width(number(rendition.width))
        .height(number(rendition.height))
        .codec_settings(codec.build());
    let clock = M3u8Settings::builder()
        .pts_offset_mode(TsPtsOffset::Seconds)
        .pts_offset(number(CLOCK_BEGINS_SECONDS));
    let segments = ContainerSettings::builder().container(ContainerType::M3U8).m3u8_settings(clock.build());
    let output = Output::builder()
        .name_modifier(format!("_{}", rendition.height))
        .container_settings(segments.build())
        .video_description(picture.build());
    if !has_sound {
        return output.build();
    }
    let (bitrate, samples) = SOUND;
    let sound =
        AacSettings::builder().bitrate(bitrate).coding_mode(AacCodingMode::CodingMode20).sample_rate(samples);
    let codec = AudioCodecSettings::builder().codec(AudioCodec::Aac).aac_settings(sound.build());
    let sound =
        AudioDescription::builder().audio_source_name("Audio Selector 1").codec_settings(codec.build());
    output.audio_descriptions(sound.build()).build()
}

/// Pictures of the film, of its beginning and one each so many seconds.
fn pictures(name: &str, (width, height): (i32, i32), seconds: i32, most: i32) -> Output {
    let capture = FrameCaptureSettings::builder()
        .framerate_numerator(1)
        .framerate_denominator(seconds)
        .max_captures(most)
        .quality(70);
    let codec =
        VideoCodecSettings::builder().codec(VideoCodec::FrameCapture).frame_capture_settings(capture.build());
    let picture = VideoDescription::builder().width(width).height(height).codec_settings(codec.build());
    Output::builder()
        .name_modifier(name)
        .container_settings(ContainerSettings::builder().container(ContainerType::Raw).build())
        .video_description(picture.build())
        .build()
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// MediaConvert takes few requests a second, and its queue is finite: whoever is refused comes again.
fn failure<E, R>(error: SdkError<E, R>) -> Error
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(refused) if refused.err().code() != Some("TooManyRequestsException") => {
            Error::internal(error)
        }
        _ => Error::unavailable(error),
    }
}
